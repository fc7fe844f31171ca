import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openHostBundle } from '../../../../src/adapters/aws/deploy/host-bundle.ts';
import { type Bench, startBench } from '../../../fakes/aws/testing/stacks.ts';
import { settingsFor } from '../../../stacks/teardown/stand.ts';

const PROJECT = `
Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: sbw-host-bundle
      ServiceRole: !GetAtt Role.Arn
      Artifacts: { Type: NO_ARTIFACTS }
      Environment: { Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: 'aws/codebuild/standard:7.0' }
      Source: { Type: S3, Location: assets/host/bundle-source-1.zip }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{ Effect: Allow, Principal: { Service: codebuild.amazonaws.com }, Action: 'sts:AssumeRole' }]
`;
const WANTED = { projectName: 'sbw-host-bundle', bucket: 'assets', sourceKey: 'host/bundle-source-1.zip' };
const BUILT = { key: 'host/bundle-abc.tar', sha256: 'abc' };
const NEVER = new AbortController().signal;

let bench: Bench;
before(async () => {
  bench = await startBench({ msPerMinute: 10 });
  bench.aws.seed.bucket('assets', {});
  await bench.deploy('sbw-dev-host-bundle', PROJECT, { Capabilities: ['CAPABILITY_IAM'] });
});
after(() => bench.close());

const open = () => openHostBundle(settingsFor(bench.aws), 5);
const builds = (): number => bench.aws.calls.filter(({ action }) => action === 'codebuild:StartBuild').length;

test('a failed build is told with the end of its log', async () => {
  bench.aws.onBuild(() => ({
    ...{ minutes: 1, status: 'FAILED', objects: [] },
    log: ['[Container] apt-get update', 'E: Unable to fetch some archives'],
  }));
  const bundle = open();
  await assert.rejects(
    bundle.build(WANTED, () => undefined, NEVER),
    {
      code: 'BUNDLE_BUILD_FAILED',
      message: /ended FAILED without a bundle\. .*E: Unable to fetch some archives$/s,
    },
  );
  bundle.close();
});

test('a bundle whose description was cut off, or says nothing, is none', async () => {
  const bundle = open();
  for (const body of ['{"key": "host/bun', '{"key": 7}', 'null']) {
    bench.aws.onBuild(() => ({
      ...{ minutes: 1, status: 'SUCCEEDED', log: [] },
      objects: [{ bucketName: 'assets', key: `${WANTED.sourceKey}.bundle.json`, body }],
    }));
    await assert.rejects(
      bundle.build(WANTED, () => undefined, NEVER),
      { code: 'BUNDLE_BUILD_FAILED' },
    );
    assert.equal(await bundle.find('assets', WANTED.sourceKey), null);
  }
  bundle.close();
});

test('a build is waited for, and joined by the next deploy when the first one left', async () => {
  bench.aws.onBuild(() => ({
    ...{ minutes: 12, status: 'SUCCEEDED', log: [] },
    objects: [{ bucketName: 'assets', key: `${WANTED.sourceKey}.bundle.json`, body: JSON.stringify(BUILT) }],
  }));
  const bundle = open();
  const before = builds();
  const leave = new AbortController();
  const said: string[] = [];
  const first = bundle.build(WANTED, (text) => (said.push(text), leave.abort()), leave.signal);
  await assert.rejects(first, { code: 'DEPLOY_STOPPED', kind: 'cancelled' });
  assert.deepEqual(said, ['build']);
  assert.equal(await bundle.find('assets', WANTED.sourceKey), null);
  assert.deepEqual(await bundle.build(WANTED, () => undefined, NEVER), BUILT);
  assert.equal(builds() - before, 1, 'one build for both');
  assert.deepEqual(await bundle.find('assets', WANTED.sourceKey), BUILT);
  bundle.close();
});

test('a build of another source that runs is not joined: it makes something else', async () => {
  const other = { ...WANTED, sourceKey: 'host/bundle-source-2.zip' };
  const make = (sourceKey: string) =>
    bench.aws.onBuild(() => ({
      ...{ minutes: 12, status: 'SUCCEEDED', log: [] },
      objects: [{ bucketName: 'assets', key: `${sourceKey}.bundle.json`, body: JSON.stringify(BUILT) }],
    }));
  const bundle = open();
  const before = builds();
  make(WANTED.sourceKey);
  const leave = new AbortController();
  await assert.rejects(
    bundle.build(WANTED, () => leave.abort(), leave.signal),
    { code: 'DEPLOY_STOPPED' },
  );
  make(other.sourceKey);
  assert.deepEqual(await bundle.build(other, () => undefined, NEVER), BUILT);
  assert.equal(builds() - before, 2);
  bundle.close();
});
