import { readParameters } from '../adapters/lambda/parameters.ts';
import { openWarehouse } from '../adapters/lambda/warehouse.ts';
import { openStore } from '../adapters/open-store.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { readConfig, type Config } from '../config.ts';
import { SbwError } from '../errors.ts';
import type { LoadEvent, RunReport } from '../etl/load/report.ts';
import { runPlan } from '../etl/load/run.ts';
import { planRun } from '../etl/plan/make-plan.ts';
import type { Database, ObjectStore } from '../etl/ports.ts';
import { migrate } from '../etl/store/migrate.ts';
import { partitionName, type PartitionStart } from '../etl/time/partition.ts';
import { answerOf, dataAgeSeconds, whyIncomplete, type RunAnswer } from './answer.ts';
import { startDeadline } from './deadline.ts';
import { requireRawBucket, variablesOf } from './environment.ts';
import { log } from './log.ts';
import { readOrder, type Order } from './order.ts';

/**
 * What the runtime passes beside the event, as far as we read it.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export interface LambdaContext {
  readonly functionName: string;
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

interface Sources {
  readonly store: ObjectStore;
  readonly database: Database;
}

/** Hours at once; each takes a connection of the warehouse. */
const PARALLEL = 4;

/**
 * `SBW_Lamda_ETL`: one run of the ETL. Ends before its time does and leaves the rest to the next run. Answers with
 * the accounting; fails when something has to be done again, so that Lambda tries it again and in the end reports it.
 */
export async function handler(event: unknown, context: LambdaContext): Promise<RunAnswer> {
  const deadline = startDeadline(context.getRemainingTimeInMillis());
  try {
    const order = readOrder(event, systemClock.now());
    return await withSources(readConfig(), deadline.now, (sources) =>
      runOrder(order, { ...sources, ...deadline, context }),
    );
  } catch (error) {
    throw failureOf(error);
  } finally {
    deadline.cancel();
  }
}

async function withSources<T>(
  config: Config,
  leave: AbortSignal,
  use: (sources: Sources) => Promise<T>,
): Promise<T> {
  const variable = variablesOf(config.childEnvironment);
  const rawUrl = `s3://${requireRawBucket(config.childEnvironment)}`;
  const [password, authority] = await readParameters([
    variable('DWH_PASSWORD_PARAMETER'),
    variable('DWH_CA_PARAMETER'),
  ]);
  const [host, port, user] = [variable('DWH_HOST'), variable('DWH_PORT'), variable('DWH_USER')];
  const database = await openWarehouse(
    { host, port, user, password, database: variable('DWH_DATABASE'), authority },
    'sbw etl function',
    leave,
  );
  try {
    // etl_writer may change no schema: this only looks whether it is the one we know (docs/decisions/0006).
    await migrate(database);
    const store = await openStore(rawUrl, config);
    try {
      return await use({ store, database });
    } finally {
      await store.close();
    }
  } finally {
    await database.close();
  }
}

async function runOrder(
  order: Order,
  deps: Sources & {
    readonly stop: AbortSignal;
    readonly now: AbortSignal;
    readonly context: LambdaContext;
  },
): Promise<RunAnswer> {
  const plan = await planRun(deps, { ...order, order: 'oldest' });
  const unread: PartitionStart[] = [];
  const emit = (event: LoadEvent): void => {
    logEvent(event);
    if (event.type === 'partition-done' && event.result.unreadable.length > 0) {
      unread.push(event.result.partition);
    }
  };
  const { functionName, awsRequestId } = deps.context;
  const run = { ...deps, clock: systemClock, newId: () => crypto.randomUUID(), emit };
  const report = await runPlan(run, plan, {
    kind: order.kind,
    parallel: PARALLEL,
    arguments: { function: functionName, request_id: awsRequestId, payload: order.payload },
  });
  const answer = answerOf(report, plan);
  log({ level: 'INFO', ...metricsOf(order, report, unread, functionName), run: answer });
  const reason = whyIncomplete(report);
  if (reason === null || order.isAnswerRead) return answer;
  throw new SbwError('ETL_INCOMPLETE', `Run ${report.runId}: ${reason}.`, {
    kind: 'incomplete',
    fix: 'the next run goes on with the rest',
  });
}

/**
 * CloudWatch makes a metric of this part of a log line; nothing has to be called for it. A run of a given window
 * knows nothing of the others, so it says nothing about the age.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function metricsOf(
  { window }: Order,
  report: RunReport,
  unread: readonly PartitionStart[],
  functionName: string,
): Readonly<Record<string, unknown>> {
  if (window !== null) return {};
  const now = systemClock.now();
  const metric = { Name: 'DataAgeSeconds', Unit: 'Seconds' };
  const directive = { Namespace: 'sbw', Dimensions: [['FunctionName']], Metrics: [metric] };
  return {
    _aws: { Timestamp: now.getTime(), CloudWatchMetrics: [directive] },
    FunctionName: functionName,
    DataAgeSeconds: dataAgeSeconds(report, unread, now),
  };
}

/** What went other than smoothly; the rest is in the accounting at the end. */
function logEvent(event: LoadEvent): void {
  switch (event.type) {
    case 'partition-held':
    case 'partition-failed':
    case 'retrying':
      log({
        level: event.type === 'partition-failed' ? 'ERROR' : 'WARN',
        ...event,
        partition: partitionName(event.partition),
      });
      break;
    case 'rollups-failed':
      log({ level: 'WARN', ...event });
  }
}

/** As Lambda shows it: the name becomes `errorType`, the message `errorMessage`. */
function failureOf(error: unknown): Error {
  if (!(error instanceof SbwError)) return error instanceof Error ? error : new Error(String(error));
  const fix = error.fix === undefined ? '' : ` Fix: ${error.fix}`;
  return Object.assign(new Error(`${error.message}${fix}`), { name: error.code });
}
