import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standUp } from '../fakes/ssm/stand.ts';
import type { FakeSsmOptions } from '../fakes/ssm/fake-ssm.ts';
import { echo } from './traffic.ts';

const NETWORKS: Record<string, Partial<FakeSsmOptions>> = {
  'everything comes twice': {
    gateway: { toAgent: { duplicate: 1 }, toClient: { duplicate: 1 } },
  },
  'everything overtakes everything': {
    gateway: { toAgent: { reorder: 0.5 }, toClient: { reorder: 0.5 } },
  },
  'every tenth message to the agent is lost, a fifth overtaken, a tenth doubled': {
    gateway: { toAgent: { drop: 0.1, reorder: 0.2, duplicate: 0.1 }, toClient: { duplicate: 0.1 } },
  },
  // Few, since the agent repairs one loss in a tenth of a second.
  'some messages are lost both ways': {
    gateway: { toAgent: { drop: 0.02 }, toClient: { drop: 0.01, reorder: 0.1 } },
  },
  'a fifth of a second away': {
    gateway: { toAgent: { delayMs: 100 }, toClient: { delayMs: 100 } },
  },
};

for (const [name, ssm] of Object.entries(NETWORKS)) {
  for (const version of ['3.3.987.0', '3.0.196.0']) {
    test(`${name}, agent ${version}: what comes back is what was sent`, async (t) => {
      const one = await standUp({ ssm: { ...ssm, agent: { version, messagesPerSecond: 800 } } });
      t.after(() => one.close());
      const connections = version === '3.3.987.0' ? 8 : 2;
      await Promise.all(
        Array.from({ length: connections }, (_, index) =>
          echo(one.tunnel.port, 40_000 + 1000 * index, index),
        ),
      );
      assert.deepEqual(one.ssm.violations, []);
      assert.equal(one.ssm.sessions.length, 1);
    });
  }
}

test('cuts, losses and pauses at once, both ways', async (t) => {
  const one = await standUp({
    ssm: {
      agent: { version: '3.3.987.0', messagesPerSecond: 800 },
      gateway: { toAgent: { drop: 0.03, reorder: 0.1 }, toClient: { drop: 0.003, duplicate: 0.05 } },
    },
  });
  t.after(() => one.close());
  let round = 0;
  const trouble = setInterval(() => {
    round += 1;
    if (round % 3 === 0) one.ssm.last.pauseClient();
    else if (round % 7 === 0) one.ssm.last.vanish();
    else if (round % 5 === 0) one.ssm.last.cut();
  }, 100);
  t.after(() => clearInterval(trouble));
  await Promise.all(Array.from({ length: 6 }, (_, index) => echo(one.tunnel.port, 100_000, index)));
  clearInterval(trouble);
  assert.ok(one.events.filter(({ type }) => type === 'resumed').length > 0);
  assert.deepEqual(one.ssm.violations, []);
});
