import type { Session } from '../ports.ts';
import { MAX_LETTERS, SESSION_SUMS, TAKEN_HOURS } from './stage.ts';

/**
 * Names the sessions that the hours touch: those that have events there now, and those that had. `is_known`: it was
 * counted before; `is_spread`: it has more than one part. The parts are looked up one by one (OFFSET 0), since the
 * planner knows nothing of tables that were filled a moment ago, and would read all parts there are.
 */
export async function findTouched(session: Session): Promise<void> {
  await session.query(
    `INSERT INTO sbw_key
     SELECT n.session, known.parts > 0, n.parts > 1 OR known.elsewhere > 0
       FROM (SELECT session, count(*) AS parts
               FROM (SELECT session, hour FROM sbw_part
                      UNION SELECT session, hour FROM dash.part WHERE hour = ANY (${TAKEN_HOURS})) AS n
              GROUP BY session) AS n
      CROSS JOIN LATERAL (
            SELECT count(*) AS parts, count(*) FILTER (WHERE hour <> ALL (${TAKEN_HOURS})) AS elsewhere
              FROM (SELECT hour FROM dash.part p WHERE p.session = n.session OFFSET 0) AS p) AS known`,
  );
}

/** The new parts take the place of the old ones. */
export async function replaceParts(session: Session): Promise<void> {
  await session.query(`DELETE FROM dash.part WHERE hour = ANY (${TAKEN_HOURS})`);
  await session.query('INSERT INTO dash.part SELECT * FROM sbw_part');
}

/**
 * Adds the touched sessions to sbw_session as dash.part has them at this moment.
 * @param sign -1 before the parts are replaced, 1 after: the sum over both is the change
 * @returns sessions added
 */
export async function addSessions(session: Session, sign: -1 | 1): Promise<number> {
  const { rowCount } = await session.query(mergeOf(sign < 0 ? BEFORE : AFTER), [sign]);
  return rowCount;
}

/** Of an array's moments the first that is not before `from`. Without the CASE each row would start a subquery. */
const firstSince = (moments: string, from: string): string =>
  `CASE WHEN ${moments} IS NOT NULL AND ${from} IS NOT NULL
        THEN (SELECT min(m) FROM unnest(${moments}) AS m WHERE m >= ${from}) END`;

/** Whole seconds; a year is the most that a session of sane length can need. */
const seconds = (from: string, to: string): string =>
  `CASE WHEN ${to} IS NOT NULL THEN floor(least(extract(epoch FROM ${to} - ${from}), 2e9))::integer END`;

/** The parts of the sessions named by sbw_key, each session looked up by itself. */
const partsOf = (sessions: string): string =>
  `(SELECT session FROM sbw_key WHERE ${sessions}) AS k
     CROSS JOIN LATERAL (SELECT * FROM dash.part p WHERE p.session = k.session OFFSET 0) AS p`;

/** A session within one hour needs no merging, and most are like that: the sorts below are not for them. */
const singleFrom = (parts: string): string =>
  `SELECT p.session, client, first_at AS started, last_at AS ended, events, page_views, is_logged_in, is_bot,
          product_at AS at2, cart_at, checkout_at, complete_at, open_completes, entry, exit, letters, touches,
          false AS is_spread
     FROM ${parts}`;
const spreadFrom = (parts: string): string =>
  `SELECT p.session, (array_agg(client ORDER BY hour) FILTER (WHERE client IS NOT NULL))[1] AS client,
         min(first_at) AS started, max(last_at) AS ended, sum(events)::integer AS events,
         sum(page_views)::integer AS page_views, bool_or(is_logged_in) AS is_logged_in, bool_or(is_bot) AS is_bot,
         min(product_at) AS at2, dash.concat(cart_at) AS cart_at, dash.concat(checkout_at) AS checkout_at,
         dash.concat(complete_at) AS complete_at, sum(open_completes)::integer AS open_completes,
         (array_agg(entry ORDER BY hour) FILTER (WHERE entry IS NOT NULL))[1] AS entry,
         (array_agg(exit ORDER BY hour DESC) FILTER (WHERE exit IS NOT NULL))[1] AS exit,
         left(string_agg(letters, '' ORDER BY hour), ${MAX_LETTERS}) AS letters, dash.concat(touches) AS touches,
         true AS is_spread
    FROM ${parts} GROUP BY p.session`;

const BEFORE = `${singleFrom(partsOf('is_known AND NOT is_spread'))}
  UNION ALL ${spreadFrom(partsOf('is_known AND is_spread'))}`;
const AFTER = `${singleFrom('sbw_part p JOIN sbw_key USING (session) WHERE NOT is_spread')}
  UNION ALL ${spreadFrom(partsOf('is_spread'))}`;

const isThere = (moment: string): string => `$1 * (${moment} IS NOT NULL)::integer`;

// OFFSET 0 keeps the planner from working each step's subquery into all that follow.
const mergeOf = (
  sessions: string,
): string => `INSERT INTO sbw_session (sign, session, client, started, day, clock, is_logged_in, is_bot,
    ${SESSION_SUMS.join(', ')}, depth, open_completes, entry, exit, letters, touches,
    is_spread, seconds2, seconds3, seconds4, seconds5)
  SELECT $1::integer, session, client, started, local_start::date, extract(hour FROM local_start), is_logged_in, is_bot,
         $1, $1 * (events = 1)::integer, $1 * least(round(extract(epoch FROM ended - started) * 1000), 2e9),
         $1 * page_views, $1 * events, ${['cart_at', 'checkout_at', 'complete_at'].map(isThere).join(', ')},
         ${['at2', 'at3', 'at4', 'at5'].map(isThere).join(', ')}, least(events, 20), open_completes, entry, exit,
         letters, touches, is_spread, ${seconds('started', 'at2')}, ${seconds('at2', 'at3')}, ${seconds('at3', 'at4')},
         ${seconds('at4', 'at5')}
    FROM (SELECT *, ${firstSince('complete_at', 'at4')} AS at5
            FROM (SELECT *, ${firstSince('checkout_at', 'at3')} AS at4
                    FROM (SELECT *, ${firstSince('cart_at', 'at2')} AS at3,
                                 started AT TIME ZONE current_setting('sbw.time_zone') AS local_start
                            FROM (${sessions}) AS merged
                          OFFSET 0) AS carted
                  OFFSET 0) AS checked
          OFFSET 0) AS completed`;
