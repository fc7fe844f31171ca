import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openPipeline } from '../../../../src/adapters/aws/deploy/pipeline.ts';
import { type Bench, roleOf, startBench, templateOf } from '../../../fakes/aws/testing/stacks.ts';
import { settingsFor } from '../../../stacks/teardown/stand.ts';

const PARTS = {
  Role: roleOf('lambda'),
  Etl: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...{ FunctionName: 'etl', Runtime: 'nodejs22.x', Handler: 'index.handler' },
      ...{ Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: 'exports.handler = () => 1;' } },
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: { Name: 'hourly', ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' },
  },
};

let bench: Bench;
let pipeline: ReturnType<typeof openPipeline>;
before(async () => {
  bench = await startBench({ objectPageSize: 2 });
  await bench.deploy('parts', templateOf(PARTS));
  bench.aws.seed.bucket('raw', { versioned: true });
  pipeline = openPipeline(settingsFor(bench.aws));
});
after(async () => {
  pipeline.close();
  await bench.close();
});

test('the door is answered with its status and words, or with 0 and why not', async (t) => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers['content-type']}`);
    request.on('data', (data: Buffer) => seen.push(data.toString()));
    request.on('end', () => response.writeHead(403).end('x'.repeat(5000)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = (): void => (server.closeAllConnections(), void server.close());
  t.after(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/clickstream`;
  const { status, text } = await pipeline.send(url, '{"a":1}');
  assert.deepEqual([status, text.length, seen], [403, 2000, ['POST application/json', '{"a":1}']]);
  close();
  const nobody = await pipeline.send(url, '{}');
  assert.equal(nobody.status, 0);
  assert.match(nobody.text, /ECONNREFUSED/);
});

test('the raw object is found by what is in it, over all pages, and not among older ones', async () => {
  const { aws } = bench;
  const place = { bucket: 'raw', prefix: 'events/2026/11/01/05/' };
  const key = (name: string): string => `${place.prefix}event-${name}.json`;
  aws.seed.objects('raw', [key('0')], { body: '{"eventId":"mine"}' });
  aws.clock.advance(10);
  const since = aws.clock.now();
  assert.equal(await pipeline.findRawObject(place, since, 'mine'), null, 'of an earlier test');
  aws.seed.objects('raw', ['1', '2', '3', '4'].map(key), { body: '{"eventId":"theirs"}' });
  aws.seed.objects('raw', [key('5')], { body: '{"eventId":"mine"}' });
  const found = await pipeline.findRawObject(place, since, 'mine');
  assert.equal(found?.key, key('5'));
  assert.ok(found.versionId !== null);
  await pipeline.removeRawObject('raw', found);
  await pipeline.removeRawObject('raw', found);
  const bucket = aws.world.buckets.get('raw')!;
  assert.equal(bucket.current(key('5')), undefined);
  assert.equal(await pipeline.findRawObject(place, since, 'mine'), null);
});

test('a function answers, or fails in its own words', async () => {
  bench.aws.onInvoke((_name, payload) => ({ payload: { got: payload } }));
  assert.deepEqual(await pipeline.invoke('etl', { hour: 5 }), { payload: { got: { hour: 5 } }, error: null });
  bench.aws.onInvoke(() => ({ payload: { errorMessage: 'no route' }, error: 'Unhandled' }));
  assert.deepEqual(await pipeline.invoke('etl', {}), {
    ...{ payload: { errorMessage: 'no route' }, error: 'Unhandled' },
  });
  await assert.rejects(pipeline.invoke('gone', {}), { code: 'AWS_CALL_FAILED' });
});

test('the rule is switched on and off; one that is not there is neither', async () => {
  assert.equal(await pipeline.isRuleEnabled('hourly'), false);
  await pipeline.enableRule('hourly');
  assert.equal(await pipeline.isRuleEnabled('hourly'), true);
  await pipeline.disableRule('hourly');
  assert.equal(await pipeline.isRuleEnabled('hourly'), false);
  assert.equal(await pipeline.isRuleEnabled('gone'), null);
});
