import type { Session } from '../ports.ts';
import { MAX_LETTERS, SESSION_SUMS } from './stage.ts';

/** Names the sessions that the hours touch: those that have events there now, and those that had. */
export async function findTouched(session: Session): Promise<void> {
  await session.query(
    `INSERT INTO sbw_key
     SELECT session, count(*) > 1 OR EXISTS (SELECT FROM dash.part p WHERE p.session = n.session AND p.hour <> min(n.hour))
       FROM (SELECT session, hour FROM sbw_part UNION SELECT p.session, p.hour FROM dash.part p JOIN sbw_hour USING (hour)) AS n
      GROUP BY session`,
  );
}

/** The new parts take the place of the old ones. */
export async function replaceParts(session: Session): Promise<void> {
  await session.query('DELETE FROM dash.part p USING sbw_hour h WHERE p.hour = h.hour');
  await session.query('INSERT INTO dash.part SELECT * FROM sbw_part');
}

/**
 * Adds the touched sessions to sbw_session as dash.part has them at this moment.
 * @param sign -1 before the parts are replaced, 1 after: the sum over both is the change
 * @returns sessions added
 */
export async function addSessions(session: Session, sign: -1 | 1): Promise<number> {
  const { rowCount } = await session.query(MERGE, [sign]);
  return rowCount;
}

/** Of an array's moments the first that is not before `from`. Without the CASE each row would start a subquery. */
const firstSince = (moments: string, from: string): string =>
  `CASE WHEN ${moments} IS NOT NULL AND ${from} IS NOT NULL
        THEN (SELECT min(m) FROM unnest(${moments}) AS m WHERE m >= ${from}) END`;

/** Whole seconds; a year is the most that a session of sane length can need. */
const seconds = (from: string, to: string): string =>
  `CASE WHEN ${to} IS NOT NULL THEN floor(least(extract(epoch FROM ${to} - ${from}), 2e9))::integer END`;

/** A session within one hour needs no merging, and most are like that: the sorts below are not for them. */
const SINGLE = `SELECT session, client, first_at AS started, last_at AS ended, events, page_views, is_logged_in, is_bot,
         product_at AS at2, cart_at, checkout_at, complete_at, open_completes, entry, exit, letters, touches
    FROM dash.part JOIN sbw_key USING (session) WHERE NOT is_spread`;
const SPREAD = `SELECT p.session, (array_agg(client ORDER BY hour) FILTER (WHERE client IS NOT NULL))[1] AS client,
         min(first_at) AS started, max(last_at) AS ended, sum(events)::integer AS events,
         sum(page_views)::integer AS page_views, bool_or(is_logged_in) AS is_logged_in, bool_or(is_bot) AS is_bot,
         min(product_at) AS at2, dash.concat(cart_at) AS cart_at, dash.concat(checkout_at) AS checkout_at,
         dash.concat(complete_at) AS complete_at, sum(open_completes)::integer AS open_completes,
         (array_agg(entry ORDER BY hour) FILTER (WHERE entry IS NOT NULL))[1] AS entry,
         (array_agg(exit ORDER BY hour DESC) FILTER (WHERE exit IS NOT NULL))[1] AS exit,
         left(string_agg(letters, '' ORDER BY hour), ${MAX_LETTERS}) AS letters, dash.concat(touches) AS touches
    FROM dash.part p JOIN sbw_key USING (session) WHERE is_spread GROUP BY p.session`;

const isThere = (moment: string): string => `$1 * (${moment} IS NOT NULL)::integer`;

// OFFSET 0 keeps the planner from working each step's subquery into all that follow.
const MERGE = `INSERT INTO sbw_session (sign, session, client, started, day, clock, is_logged_in, is_bot,
    ${SESSION_SUMS.join(', ')}, depth, open_completes, entry, exit, letters, touches,
    seconds2, seconds3, seconds4, seconds5)
  SELECT $1::integer, session, client, started, local_start::date, extract(hour FROM local_start), is_logged_in, is_bot,
         $1, $1 * (events = 1)::integer, $1 * least(round(extract(epoch FROM ended - started) * 1000), 2e9),
         $1 * page_views, $1 * events, ${['cart_at', 'checkout_at', 'complete_at'].map(isThere).join(', ')},
         ${['at2', 'at3', 'at4', 'at5'].map(isThere).join(', ')}, least(events, 20), open_completes, entry, exit,
         letters, touches, ${seconds('started', 'at2')}, ${seconds('at2', 'at3')}, ${seconds('at3', 'at4')},
         ${seconds('at4', 'at5')}
    FROM (SELECT *, ${firstSince('complete_at', 'at4')} AS at5
            FROM (SELECT *, ${firstSince('checkout_at', 'at3')} AS at4
                    FROM (SELECT *, ${firstSince('cart_at', 'at2')} AS at3,
                                 started AT TIME ZONE current_setting('sbw.time_zone') AS local_start
                            FROM (${SINGLE} UNION ALL ${SPREAD}) AS merged
                          OFFSET 0) AS carted
                  OFFSET 0) AS checked
          OFFSET 0) AS completed`;
