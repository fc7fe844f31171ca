import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runDown } from '../../src/commands/local/down.ts';
import { runUp } from '../../src/commands/local/up.ts';
import { SbwError } from '../../src/errors.ts';
import { homeAt } from '../../src/local/home.ts';
import { findFreePort } from '../../src/local/machine/port.ts';
import { isAlive } from '../../src/local/machine/process.ts';
import { fakeContext, type FakeContext } from '../support/context.ts';

const USUAL_PATH = process.env['PATH'] ?? '';

/** Runs R inside the Debian 13 of the tests: the files and the password file are where R looks for them. */
const RSCRIPT = `#!/bin/sh
set -e
TREE=${resolve('.cache/debian-13/dashboard')}
export TREE
mkdir -p "$TREE/srv/sbw_dashboard" "$TREE/mnt"
exec unshare -m sh -c '
  mount --bind "$PWD" "$TREE/srv/sbw_dashboard"
  mount --bind "$(dirname "$PGPASSFILE")" "$TREE/mnt"
  mount -t proc proc "$TREE/proc"
  PGPASSFILE="/mnt/$(basename "$PGPASSFILE")"
  export PGPASSFILE
  exec chroot "$TREE" sh -c "cd /srv/sbw_dashboard && exec Rscript \\"\\$@\\"" sh "$@"' sh "$@"
`;

describe('sbw local up --shiny', () => {
  let root: string;
  let ports: { port: number; pgPort: number };
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'sbw-test-shiny-'));
    await chmod(root, 0o755);
    ports = { port: await findFreePort(20_000 + (process.pid % 20_000)), pgPort: await findFreePort(0) };
  });
  after(async () => {
    await runDown(context(), {});
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });

  const home = () => homeAt(join(root, 'home'));
  const context = (path = USUAL_PATH): FakeContext =>
    fakeContext({ env: { SBW_LOCAL_HOME: home().directory, PATH: path } });
  const up = (ctx: FakeContext, json: boolean): Promise<number> =>
    runUp(ctx, { every: 5, ...ports, version: '1.0.0', json, shiny: true });

  /** A PATH with a program `Rscript` of this text before all others. */
  async function pathWith(name: string, text: string): Promise<string> {
    const folder = join(root, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'Rscript'), text, { mode: 0o755 });
    return `${folder}:${USUAL_PATH}`;
  }

  test(
    'without R it names the one line that installs it, and all else runs',
    { timeout: 60_000 },
    async () => {
      await assert.rejects(up(context(join(root, 'nothing-here')), true), (error: unknown) => {
        assert.ok(error instanceof SbwError);
        assert.equal(error.code, 'R_MISSING');
        assert.equal(error.kind, 'environment');
        assert.match(error.fix ?? '', /^sudo apt-get install .*r-base-core r-cran-shiny r-cran-rpostgresql$/);
        return true;
      });
      const sent = await fetch(`http://127.0.0.1:${ports.port}/clickstream`, {
        method: 'POST',
        body: JSON.stringify({ eventName: 'page_view' }),
      });
      assert.equal(sent.status, 200);
    },
  );

  test('R without the packages is told apart from R that fails', { timeout: 60_000 }, async () => {
    const bare = await pathWith('bare', '#!/bin/sh\necho "there is no package called ‘shiny’" >&2\nexit 1\n');
    await assert.rejects(up(context(bare), true), { code: 'R_MISSING' });
    const broken = await pathWith('broken', '#!/bin/sh\necho "something else" >&2\nexit 7\n');
    await assert.rejects(up(context(broken), true), (error: unknown) => {
      assert.ok(error instanceof SbwError);
      assert.equal(error.code, 'DASHBOARD_START_FAILED');
      assert.match(error.message, /exit code 7[\s\S]*something else/);
      assert.doesNotMatch(error.message, /no package called/, 'only what this start printed');
      return true;
    });
  });

  test('what answers on its port is not taken for it', { timeout: 60_000 }, async () => {
    const answer = `require('http').createServer((_, r) => r.end('{}')).listen(process.env.SBW_DASHBOARD_PORT)`;
    const taken = `#!/bin/sh
"${process.execPath}" -e "${answer}; setTimeout(process.exit, 3000)" &
sleep 2
echo "address already in use" >&2
exit 1
`;
    await assert.rejects(up(context(await pathWith('taken', taken)), true), {
      code: 'DASHBOARD_START_FAILED',
      message: /address already in use/,
    });
  });

  test('with R it serves the dashboard, once, and down ends it', { timeout: 120_000 }, async () => {
    const path = await pathWith('real', RSCRIPT);
    const ctx = context(path);
    assert.equal(await up(ctx, true), 0);
    const { dashboard_url: url } = JSON.parse(ctx.stdout[0] ?? '') as { dashboard_url: string };
    assert.match(url, /^http:\/\/localhost:\d+\/sbw_dashboard$/);
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /role="tablist"/);
    const health = await fetch(`${url}/health`);
    assert.deepEqual(await health.json(), { status: 'ok' }, 'it reads the warehouse');

    const again = context(path);
    assert.equal(await up(again, false), 0);
    assert.ok(again.stdout.join('\n').includes(`dashboard  ${url}`), 'the same one');

    const kept = JSON.parse(await readFile(join(home().directory, 'dashboard.json'), 'utf8')) as {
      process: { pid: number };
    };
    assert.ok(isAlive(kept.process.pid));
    const environment = await readFile(`/proc/${kept.process.pid}/environ`, 'utf8');
    assert.match(
      environment,
      /SBW_DASHBOARD_PLATFORM=local/,
      'its messages name the commands that help here',
    );
    await runDown(context(path), {});
    assert.ok(!isAlive(kept.process.pid));
    await assert.rejects(readFile(join(home().directory, 'dashboard.json')), { code: 'ENOENT' });
  });
});
