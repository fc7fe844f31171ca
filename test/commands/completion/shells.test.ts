import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { SCRIPTS, type Shell } from '../../../src/commands/completion/scripts.ts';

/**
 * Scripts as they were when they were last proved in their real shell. Whoever changes one proves it again, on a
 * machine that has the shell: `apt-get install zsh fish`.
 */
const PROVED = {
  zsh: '79eae9364d478ef8d3b98c3329adf79c6cca8b5cca78a41dd3d3f5d42d2b14c2',
  fish: 'a31e53959b64293e5c8483840601ae5e9f2f9a8f5ef873134ca8c7172f6dc304',
} as const;

const folder = mkdtempSync(join(tmpdir(), 'sbw-completion-'));
after(() => rmSync(folder, { recursive: true }));

const tsx = import.meta.resolve('tsx');
const main = pathToFileURL(join(process.cwd(), 'src/main.ts')).href;
writeFileSync(
  join(folder, 'run.mjs'),
  `import { main } from ${JSON.stringify(main)};\nprocess.exitCode = await main(process.argv.slice(2));\n`,
);
writeFileSync(
  join(folder, 'sbw'),
  `#!/bin/sh\nexec '${process.execPath}' --no-warnings --import '${tsx}' '${join(folder, 'run.mjs')}' "$@"\n`,
);
chmodSync(join(folder, 'sbw'), 0o755);
writeFileSync(join(folder, 'sbw.config.yaml'), 'stages: { prod: {}, preview: {} }\n');
writeFileSync(join(folder, 'backup.txt'), '');
for (const [shell, script] of Object.entries(SCRIPTS)) writeFileSync(join(folder, `sbw.${shell}`), script);

function runIn(shell: Shell, args: readonly string[]): string {
  const PATH = [folder, process.env['PATH']].join(delimiter);
  const env = { PATH, HOME: folder, TERM: 'dumb', LANG: 'C.UTF-8', SBW_LOCAL_HOME: folder };
  const { stdout, stderr, error } = spawnSync(shell, args, {
    cwd: folder,
    encoding: 'utf8',
    env,
    timeout: 50_000,
  });
  assert.equal(error, undefined, `${shell} does not run: ${error?.message}`);
  assert.equal(stderr, '', shell);
  return stdout;
}

const isThere = (shell: Shell): boolean => spawnSync(shell, ['--version']).error === undefined;

/** What the line brings, in one call of the shell: each line, then its words. */
const LINES: readonly [line: string, words: readonly string[]][] = [
  ['sbw st', ['status']],
  ['sbw protect o', ['off', 'on']],
  ['sbw status --stage pr', ['preview', 'prod']],
  ['sbw status --dr', ['--drift']],
  ['sbw teardown --export ba', ['backup.txt']],
];

/** bash as it is when somebody types: the words cut by bash itself, then the function that it was told to call. */
const BASH = `
source ./sbw.bash
[[ $(complete -p sbw) == *'-o default -F _sbw sbw' ]] || echo "not registered"
ask() {
  COMP_LINE=$1 COMP_WORDS=($1) COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
  _sbw sbw
  if (( \${#COMPREPLY[@]} == 0 )); then COMPREPLY=($(compgen -o default "\${COMP_WORDS[COMP_CWORD]}")); fi
  echo "$1: $(printf '%s\\n' "\${COMPREPLY[@]}" | sort | tr '\\n' ' ')"
}
`;

const FISH = `
source ./sbw.fish
function ask
  echo "$argv[1]: "(complete -C "$argv[1]" | string replace -r '\\t.*' '' | sort | string join ' ')' '
end
`;

/** zsh completes only in its line editor: one is run behind a pseudo terminal, and lists what it finds. */
const ZSH = `
zmodload zsh/zpty
ask() {
  zpty line zsh -f -i
  zpty -w line "PROMPT= RPROMPT= ; unsetopt zle_bracketed_paste ; autoload -Uz compinit; compinit -u -d $PWD/.zcompdump; source $PWD/sbw.zsh"
  zpty -w line 'compadd() { local -a hits; builtin compadd -O hits "$@"; words_found+=("\${hits[@]}"); builtin compadd "$@" }'
  zpty -w line 'show() { typeset -ga words_found=(); zle complete-word; print -r -- "FOUND:\${(j: :)\${(ou)words_found}}:END" }; zle -N show; bindkey "^X" show'
  zpty -w line 'echo RE""ADY'
  local text= all=
  while zpty -r line text; do all+=$text; [[ $all == *READY* ]] && break; done
  zpty -w -n line "$1"$'\\x18'
  all=
  while zpty -r line text; do all+=$text; [[ $all == *FOUND:*:END* ]] && break; done
  zpty -d line
  all=\${all#*FOUND:}
  echo "$1: \${all%%:END*} "
}
`;

const PROOFS: Readonly<Record<Shell, readonly [flags: readonly string[], script: string]>> = {
  bash: [['--norc', '--noprofile', '-c'], BASH],
  zsh: [['-f', '-c'], ZSH],
  fish: [['--no-config', '-c'], FISH],
};

function prove(shell: Shell): void {
  const [flags, script] = PROOFS[shell];
  const asked = LINES.map(([line]) => `ask '${line}'`).join('\n');
  const answers = runIn(shell, [...flags, `${script}\n${asked}`])
    .trim()
    .split('\n');
  // Shells sort in ways of their own, and zsh asks for some words twice.
  const found = answers.map((answer) => {
    const [line = '', words = ''] = answer.split(': ');
    return [line, [...new Set(words.trim().split(/\s+/))].toSorted()];
  });
  assert.deepEqual(found, LINES);
}

test('bash completes', () => prove('bash'));

for (const shell of ['zsh', 'fish'] as const) {
  test(`${shell} completes, proved here or where it was last changed`, (t) => {
    if (isThere(shell)) prove(shell);
    else t.diagnostic(`${shell} is not on this machine; its script is compared with the one that was proved`);
    const sha256 = createHash('sha256').update(SCRIPTS[shell]).digest('hex');
    assert.equal(sha256, PROVED[shell], `prove the ${shell} script in ${shell}, then write this hash`);
  });
}
