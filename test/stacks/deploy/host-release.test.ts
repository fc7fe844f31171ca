import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { INSTANCE, terminate } from '../../fakes/aws/resources/ec2/instance.ts';
import { VOLUME } from '../../fakes/aws/resources/ec2/volume.ts';
import { explain, isGood } from './run.ts';
import { type Stand, openStand } from './stand.ts';

/** A whole stage, and an agent on every server that boots, some minutes later. */
async function openStage(t: TestContext): Promise<Stand> {
  const stand = await openStand();
  t.after(() => stand.close());
  stand.aws.setHost({ onlineAfter: 3 });
  const report = await stand.deploy();
  assert.ok(isGood(report), explain(report));
  return stand;
}

/** Servers to which a deploy sent a release, in order. */
function updatedServers({ aws }: Stand): string[] {
  return aws.calls
    .filter(({ action, input }) => action === 'ssm:SendCommand' && JSON.stringify(input).includes('update'))
    .flatMap(({ input }) => input['InstanceIds'] as string[]);
}

async function instanceOf({ ports }: Stand): Promise<string> {
  return (await ports.cloudFormation.describeStack('sbw-dev-warehouse'))!.outputs['InstanceId']!;
}

function volumeOf({ aws }: Stand, instanceId: string): string | undefined {
  const isData = ({ attributes }: { attributes: Readonly<Record<string, unknown>> }): boolean =>
    attributes['InstanceId'] === instanceId && attributes['Device'] === '/dev/sdf';
  return aws.world.things.all(VOLUME).find(isData)?.id;
}

test('a server that has it all is left alone', async (t) => {
  const stand = await openStage(t);
  const { plan } = await stand.look();
  assert.equal(plan.steps.updatesHost, false);
  assert.deepEqual(updatedServers(stand), []);
});

test('a larger volume is made known to the server, also when the deploy is cut off before', async (t) => {
  const stand = await openStage(t);
  const larger = stand.request({ warehouseVolumeGb: 60 });
  const cutOff = await stand.look(larger);
  assert.equal(cutOff.plan.steps.updatesHost, true);
  stand.aws.deny('ssm:SendCommand');
  assert.equal((await stand.apply(larger, cutOff)).ends.get('host')?.outcome, 'failed');
  stand.aws.allow('ssm:SendCommand');

  const { plan } = await stand.look(larger);
  assert.deepEqual(
    [plan.layers.every(({ action }) => action === 'none'), plan.steps.updatesHost],
    [true, true],
  );
  const report = await stand.deploy(larger);
  assert.ok(isGood(report), explain(report));
  assert.deepEqual(updatedServers(stand).slice(-1), [await instanceOf(stand)]);
  assert.equal((await stand.look(larger)).plan.steps.updatesHost, false);
});

test('a secret that was made again reaches the server, also when the deploy is cut off before', async (t) => {
  const stand = await openStage(t);
  await stand.ports.parameters.remove('/sbw/dev/dwh/etl-password');
  const cutOff = await stand.look();
  assert.deepEqual([cutOff.plan.steps.secrets, cutOff.plan.steps.updatesHost], [['dwh/etl-password'], true]);
  stand.aws.deny('ssm:SendCommand');
  assert.equal((await stand.apply(stand.request(), cutOff)).ends.get('host')?.outcome, 'failed');
  stand.aws.allow('ssm:SendCommand');

  const { plan } = await stand.look();
  assert.deepEqual([plan.steps.secrets, plan.steps.updatesHost], [[], true]);
  const report = await stand.deploy();
  assert.ok(isGood(report), explain(report));
  assert.equal((await stand.look()).plan.steps.updatesHost, false);
});

test('a server that was terminated is made anew, on its volume, and waited for', async (t) => {
  const stand = await openStage(t);
  const { aws } = stand;
  const lost = await instanceOf(stand);
  const volume = volumeOf(stand, lost);
  terminate(aws.world.things.find(INSTANCE, lost)!, aws.world);
  assert.equal((await stand.look()).facts.isServerGone, false, 'it still holds its volume');
  aws.clock.advance(2);

  const planned = await stand.look();
  const { changes } = planned.plan.layers.find(({ layer }) => layer === 'warehouse')!;
  assert.deepEqual(
    changes.map(({ logicalId, kind, isDataAtRisk }) => [logicalId, kind, isDataAtRisk]),
    [['Server', 'replace', false]],
  );
  assert.equal(planned.plan.steps.updatesHost, true);
  // Its agent comes late, and the deploy does not mind.
  aws.setHost({ onlineAfter: 12 });
  const report = await stand.apply(stand.request(), planned);
  assert.ok(isGood(report), explain(report));
  const fresh = await instanceOf(stand);
  assert.notEqual(fresh, lost);
  assert.equal(volumeOf(stand, fresh), volume);
  assert.deepEqual(updatedServers(stand).slice(-1), [fresh]);
  assert.ok(
    stand.events.some((event) => event.type === 'task-progress' && /installs itself/.test(event.text)),
  );
  const { plan } = await stand.look();
  assert.equal(plan.steps.updatesHost || plan.layers.some(({ action }) => action !== 'none'), false);
});

test('a server that runs cannot be replaced: it has the volume, and goes on as it is', async (t) => {
  const stand = await openStage(t);
  const image = stand.aws.seed.thing({
    type: 'AWS::EC2::Image',
    id: 'ami-0123456789abcdef9',
    state: 'available',
  });
  const report = await stand.deploy(stand.request({ image: image.id }));
  const end = report.ends.get('warehouse');
  assert.match(
    end?.outcome === 'failed' ? end.error.message : '',
    /cannot have the data volume while the old one has it/,
  );
  const server = stand.aws.world.things.find(INSTANCE, await instanceOf(stand));
  assert.equal(server?.state, 'running');
});
