import type * as sdk from '@aws-sdk/client-codebuild';
import { PROJECT } from '../../resources/operations.ts';
import { LOG_GROUP } from '../../resources/observability.ts';
import { AwsFault } from '../../wire/fault.ts';
import { uuid } from '../../world/ids.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { items, nested, optionalText, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import type { World } from '../../world/world.ts';
import type { Service } from '../service.ts';

const BUILD = 'sbw:Build';

function requireProject(world: World, name: string): Thing {
  return world.require(
    PROJECT,
    name,
    () =>
      new AwsFault(
        'ResourceNotFoundException',
        `Project cannot be found: arn:aws:codebuild:${world.region}:${world.accountId}:project/${name}`,
      ),
  );
}

/** Where a build logs; like Lambda, CodeBuild makes the group when it is missing, outside of every stack. */
function logGroupOf(world: World, project: Thing): string {
  const logs = nested(nested(project.properties, 'LogsConfig'), 'CloudWatchLogs');
  const id = optionalText(logs, 'GroupName') ?? `/aws/codebuild/${project.id}`;
  if (text(logs, 'Status') !== 'DISABLED' && world.things.find(LOG_GROUP, id) === undefined) {
    world.add({
      type: LOG_GROUP,
      id,
      arn: world.arn('logs', `log-group:${id}:*`),
      properties: { LogGroupName: id },
    });
  }
  return id;
}

function start(world: World, project: Thing, variables: Readonly<Record<string, string>>): Thing {
  const { minutes, status, log, objects } = world.build(project.id, variables);
  const id = `${project.id}:${uuid()}`;
  const group = logGroupOf(world, project);
  const stream = id.split(':')[1]!;
  const build = world.add({
    type: BUILD,
    id,
    arn: world.arn('codebuild', `build/${id}`),
    state: 'IN_PROGRESS',
    properties: {
      ...{ ProjectName: project.id, LogGroup: group, LogStream: stream },
      Source: nested(project.properties, 'Source'),
    },
    isImplicit: true,
  });
  world.clock.after(minutes, () => {
    if (build.state !== 'IN_PROGRESS') return;
    const at = world.clock.now();
    build.state = status;
    build.attributes = { EndTime: at };
    const lines = log.map((message) => ({ at, stream, message }));
    world.logEvents.set(group, [...(world.logEvents.get(group) ?? []), ...lines]);
    for (const { bucketName, key, body } of objects) {
      world.buckets.get(bucketName)?.put({ key, body: Buffer.from(body as string), modifiedAt: at });
    }
  });
  return build;
}

function buildShape({ id, arn, state, properties, attributes, createdAt }: Thing): sdk.Build {
  const isRunning = state === 'IN_PROGRESS';
  const failed = state === 'FAILED';
  return {
    id,
    arn,
    projectName: text(properties, 'ProjectName'),
    source: {
      type: text(nested(properties, 'Source'), 'Type') as sdk.SourceType,
      location: optionalText(nested(properties, 'Source'), 'Location'),
    },
    buildStatus: state as sdk.StatusType,
    buildComplete: !isRunning,
    currentPhase: isRunning ? 'BUILD' : 'COMPLETED',
    startTime: createdAt,
    phases: [
      { phaseType: 'INSTALL', phaseStatus: 'SUCCEEDED' },
      {
        phaseType: 'BUILD',
        ...(isRunning ? {} : { phaseStatus: state as sdk.StatusType }),
        ...(failed
          ? {
              contexts: [
                {
                  statusCode: 'COMMAND_EXECUTION_ERROR',
                  message: 'Error while executing command. Reason: exit status 1',
                },
              ],
            }
          : {}),
      },
    ],
    logs: { groupName: text(properties, 'LogGroup'), streamName: text(properties, 'LogStream') },
    ...(isRunning ? {} : { endTime: attributes['EndTime'] as Date }),
  };
}

export const codeBuild: Service = {
  name: 'codebuild',
  signingName: 'codebuild',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-codebuild'),
  actions: {
    ListProjects({ nextToken: token }: sdk.ListProjectsInput, world: World): sdk.ListProjectsOutput {
      const page = pageOf(world.things.all(PROJECT), token, world.settings.pageSize);
      return { projects: page.items.map(({ id }) => id), ...nextToken('nextToken', page.token) };
    },
    BatchGetProjects({ names = [] }: sdk.BatchGetProjectsInput, world: World): sdk.BatchGetProjectsOutput {
      const found = names.flatMap((name) => world.things.find(PROJECT, name) ?? []);
      return {
        projects: found.map(({ id, arn, tags }) => ({
          name: id,
          arn,
          tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
        })),
        projectsNotFound: names.filter((name) => found.every(({ id }) => id !== name)),
      };
    },
    StartBuild(input: sdk.StartBuildInput, world: World): sdk.StartBuildOutput {
      const project = requireProject(world, input.projectName!);
      const inProject = items(nested(project.properties, 'Environment'), 'EnvironmentVariables').map(
        (one) => [text(one, 'Name'), text(one, 'Value')] as const,
      );
      const given = (input.environmentVariablesOverride ?? []).map(
        ({ name, value }) => [name!, value!] as const,
      );
      return { build: buildShape(start(world, project, Object.fromEntries([...inProject, ...given]))) };
    },
    BatchGetBuilds({ ids = [] }: sdk.BatchGetBuildsInput, world: World): sdk.BatchGetBuildsOutput {
      const found = ids.flatMap((id) => world.things.find(BUILD, id) ?? []);
      return {
        builds: found.map(buildShape),
        buildsNotFound: ids.filter((id) => found.every((build) => build.id !== id)),
      };
    },
    ListBuildsForProject(
      { projectName, nextToken: token }: sdk.ListBuildsForProjectInput,
      world: World,
    ): sdk.ListBuildsForProjectOutput {
      requireProject(world, projectName!);
      const page = pageOf(
        world.using(BUILD, 'ProjectName', projectName!).toReversed(),
        token,
        world.settings.pageSize,
      );
      return { ids: page.items.map(({ id }) => id), ...nextToken('nextToken', page.token) };
    },
    StopBuild({ id }: sdk.StopBuildInput, world: World): sdk.StopBuildOutput {
      const build = world.require(
        BUILD,
        id!,
        () => new AwsFault('ResourceNotFoundException', `Build ${id!} cannot be found`),
      );
      build.state = 'STOPPED';
      build.attributes = { EndTime: world.clock.now() };
      return { build: buildShape(build) };
    },
    DeleteProject({ name }: sdk.DeleteProjectInput, world: World): sdk.DeleteProjectOutput {
      const found = world.things.find(PROJECT, name!);
      if (found !== undefined) world.things.remove(found);
      return {};
    },
  },
};
