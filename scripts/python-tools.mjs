// Makes .cache/python, a virtual environment with what the tests need from PyPI; done at once when it is there.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { run } from './setup.mjs';

/** Both need Python 3.10 or newer. cfn-lint reads templates; ministack is a server that speaks like AWS. */
const TOOLS = ['cfn-lint==1.58.0', 'ministack==1.5.33'];
const HOME = '.cache/python';
/** Written last: a run that was interrupted starts anew. */
const INSTALLED = `${HOME}/installed.txt`;

const wanted = `${TOOLS.join('\n')}\n`;
if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== wanted) {
  rmSync(HOME, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', HOME]);
  await run(`${HOME}/bin/python`, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    ...TOOLS,
  ]);
  writeFileSync(INSTALLED, wanted);
}
