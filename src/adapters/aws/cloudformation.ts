import * as sdk from '@aws-sdk/client-cloudformation';
import { SbwError } from '../../errors.ts';
import type {
  CloudFormation,
  DeleteRequest,
  ResourceChange,
  ResourceDrift,
  StackResource,
} from '../../stacks/ports/cloudformation.ts';
import { isNotFound, toSbwError } from './aws-errors.ts';
import { changeOf, changeSetOf, describe, driftOf, eventOf, resourceOf } from './cloudformation-shapes.ts';
import type { SdkSettings } from './sdk.ts';

/** CloudFormation through the SDK: every listing to its last page, "gone" as null or nothing. */
export function openCloudFormation(settings: SdkSettings): CloudFormation & { close(): void } {
  const client = new sdk.CloudFormationClient(settings);
  /** Sends; what AWS refuses comes out as an error of ours, named after the action. */
  async function call<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isGone(error) ? error : refusalOf(error, `cloudformation:${action}`);
    }
  }
  const unlessGone = async <T>(work: Promise<T>, gone: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isGone(error)) return gone;
      throw error;
    }
  };
  const parametersOf = (parameters: Readonly<Record<string, string>>): sdk.Parameter[] =>
    Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));

  return {
    describeStack: (stack) =>
      unlessGone(
        call('DescribeStacks', async () => {
          const { Stacks } = await client.send(new sdk.DescribeStacksCommand({ StackName: stack }));
          const found = Stacks?.[0];
          return found === undefined ? null : describe(found);
        }),
        null,
      ),

    listStacks: async function* () {
      let NextToken: string | undefined;
      do {
        const page = await call('DescribeStacks', () =>
          client.send(new sdk.DescribeStacksCommand({ NextToken })),
        );
        yield (page.Stacks ?? []).map(describe);
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
    },

    listResources: (stack) =>
      unlessGone(
        call('ListStackResources', async () => {
          const found: StackResource[] = [];
          let NextToken: string | undefined;
          do {
            const page = await client.send(
              new sdk.ListStackResourcesCommand({ StackName: stack, NextToken }),
            );
            found.push(...(page.StackResourceSummaries ?? []).map(resourceOf));
            NextToken = page.NextToken;
          } while (NextToken !== undefined);
          return found;
        }),
        [],
      ),

    events: async function* (stack) {
      let NextToken: string | undefined;
      do {
        const page = await unlessGone(
          call('DescribeStackEvents', () =>
            client.send(new sdk.DescribeStackEventsCommand({ StackName: stack, NextToken })),
          ),
          null,
        );
        if (page === null) return;
        yield (page.StackEvents ?? []).map(eventOf);
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
    },

    template: (stack) =>
      call('GetTemplate', async () => {
        const { TemplateBody } = await client.send(
          new sdk.GetTemplateCommand({ StackName: stack, TemplateStage: 'Original' }),
        );
        return TemplateBody ?? '';
      }),

    createChangeSet: (request) =>
      call('CreateChangeSet', async () => {
        const { Id, StackId } = await client.send(
          new sdk.CreateChangeSetCommand({
            StackName: request.stackName,
            ChangeSetName: request.changeSetName,
            // By it a retry whose first answer got lost is told from a second change set of that name.
            ClientToken: request.changeSetName,
            ChangeSetType: request.kind,
            ...('body' in request.template
              ? { TemplateBody: request.template.body }
              : { TemplateURL: request.template.url }),
            Parameters: parametersOf(request.parameters),
            Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
            Capabilities: [...request.capabilities] as sdk.Capability[],
          }),
        );
        return { id: Id!, stackId: StackId! };
      }),

    describeChangeSet: (id) =>
      unlessGone(
        call('DescribeChangeSet', async () => {
          const changes: ResourceChange[] = [];
          let NextToken: string | undefined;
          for (;;) {
            const page: sdk.DescribeChangeSetCommandOutput = await client.send(
              new sdk.DescribeChangeSetCommand({ ChangeSetName: id, NextToken }),
            );
            changes.push(...(page.Changes ?? []).flatMap(changeOf));
            NextToken = page.NextToken;
            if (NextToken === undefined) return changeSetOf(page, changes);
          }
        }),
        null,
      ),

    executeChangeSet: (id, token) =>
      call('ExecuteChangeSet', async () => {
        await client.send(new sdk.ExecuteChangeSetCommand({ ChangeSetName: id, ClientRequestToken: token }));
      }),

    deleteChangeSet: (id) =>
      unlessGone(
        call('DeleteChangeSet', async () => {
          await client.send(new sdk.DeleteChangeSetCommand({ ChangeSetName: id }));
        }),
        undefined,
      ),

    deleteStack: ({ stack, token, retain }: DeleteRequest) =>
      unlessGone(
        call('DeleteStack', async () => {
          await client.send(
            new sdk.DeleteStackCommand({
              StackName: stack,
              ClientRequestToken: token,
              ...(retain === undefined ? {} : { RetainResources: [...retain] }),
            }),
          );
        }),
        undefined,
      ),

    cancelUpdate: (stack, token) =>
      call('CancelUpdateStack', async () => {
        await client.send(new sdk.CancelUpdateStackCommand({ StackName: stack, ClientRequestToken: token }));
      }),

    continueRollback: (stack, token, skip) =>
      call('ContinueUpdateRollback', async () => {
        await client.send(
          new sdk.ContinueUpdateRollbackCommand({
            StackName: stack,
            ClientRequestToken: token,
            ResourcesToSkip: [...skip],
          }),
        );
      }),

    protectStack: (stack, isProtected) =>
      call('UpdateTerminationProtection', async () => {
        await client.send(
          new sdk.UpdateTerminationProtectionCommand({
            StackName: stack,
            EnableTerminationProtection: isProtected,
          }),
        );
      }),

    detectDrift: (stack) =>
      call('DetectStackDrift', async () => {
        const { StackDriftDetectionId } = await client.send(
          new sdk.DetectStackDriftCommand({ StackName: stack }),
        );
        return StackDriftDetectionId!;
      }),

    driftOf: (detectionId) => call('DescribeStackDriftDetectionStatus', () => readDrift(client, detectionId)),

    close: () => client.destroy(),
  };
}

async function readDrift(
  client: sdk.CloudFormationClient,
  detectionId: string,
): Promise<readonly ResourceDrift[] | null> {
  const state = await client.send(
    new sdk.DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId: detectionId }),
  );
  if (state.DetectionStatus === 'DETECTION_IN_PROGRESS') return null;
  if (state.DetectionStatus === 'DETECTION_FAILED') {
    throw new SbwError(
      'DRIFT_UNKNOWN',
      `Drift cannot be told: ${state.DetectionStatusReason ?? 'no reason given'}`,
    );
  }
  const drifts: ResourceDrift[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new sdk.DescribeStackResourceDriftsCommand({
        StackName: state.StackId,
        StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
        NextToken,
      }),
    );
    drifts.push(...(page.StackResourceDrifts ?? []).map(driftOf));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return drifts;
}

/** CloudFormation says "does not exist" under the name of any bad request. */
function isGone(error: unknown): boolean {
  const { name, message } = error as Error;
  return isNotFound(error) || (name === 'ValidationError' && /does not exist/.test(message));
}

function refusalOf(error: unknown, action: string): SbwError {
  const { name, message } = error as Error;
  if (name === 'ValidationError' && /TerminationProtection/.test(message)) {
    return new SbwError('STACK_PROTECTED', message, { kind: 'refused', cause: error });
  }
  return toSbwError(error, { action });
}
