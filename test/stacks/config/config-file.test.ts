import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SbwError } from '../../../src/errors.ts';
import { parseConfigFile } from '../../../src/stacks/config/config-file.ts';

function refusal(text: string, path = 'sbw.config.yaml'): SbwError {
  try {
    parseConfigFile(path, text);
  } catch (error) {
    assert.ok(error instanceof SbwError, String(error));
    return error;
  }
  assert.fail(`taken: ${text}`);
}

test('a file says something of all stages and of each', () => {
  const file = parseConfigFile(
    'sbw.config.yaml',
    [
      'stage: test',
      'region: ap-southeast-1',
      'account: "123456789012"',
      'settings:',
      '  logDays: 7',
      'stages:',
      '  prod:',
      '    profile: shop prod',
      '    settings: { webDb: false }',
      '  test:',
    ].join('\n'),
  );
  assert.deepEqual(
    { ...file, stages: Object.fromEntries(file.stages) },
    {
      path: 'sbw.config.yaml',
      stage: 'test',
      region: 'ap-southeast-1',
      account: '123456789012',
      settings: { logDays: 7 },
      stages: { prod: { profile: 'shop prod', settings: { webDb: false } }, test: { settings: {} } },
    },
  );
});

test('JSON and YAML say the same, and an empty file says nothing', () => {
  const words = { $schema: './config.schema.json', stage: 'dev', settings: { allowedOrigins: ['*'] } };
  const json = parseConfigFile('x.json', JSON.stringify(words));
  assert.deepEqual(json, { ...parseConfigFile('x.yaml', JSON.stringify(words)), path: 'x.json' });
  assert.deepEqual(parseConfigFile('x.yaml', '# nothing\n'), {
    ...{ path: 'x.yaml', settings: {}, stages: new Map() },
  });
});

test('an unknown key is an error that guesses what was meant, at every level', () => {
  const cases: readonly [text: string, key: RegExp, guess: RegExp][] = [
    ['regoin: eu-west-1', /there is no key "regoin"/, /^did you mean region\? {3}all keys here: /],
    ['logDays: 3', /"logDays"/, /^did you mean settings\.logDays\?/],
    ['stages:\n  prod:\n    acount: "1"', /"stages\.prod\.acount"/, /^did you mean stages\.prod\.account\?/],
    ['stages:\n  prod:\n    stage: x', /"stages\.prod\.stage"/, /settings/],
    ['zzzzzzzzzz: 1', /"zzzzzzzzzz"/, /^all keys here: \$schema, stage, region/],
    ['__proto__: { region: eu-west-1 }', /"__proto__"/, /all keys here/],
  ];
  for (const [text, key, guess] of cases) {
    const { code, kind, message, fix } = refusal(text);
    assert.deepEqual([code, kind], ['CONFIG_KEY_UNKNOWN', 'usage'], text);
    assert.match(message, key);
    assert.match(fix ?? '', guess);
  }
});

test('a wrong setting is told with the place it stands at', () => {
  const unknown = refusal('settings: { log-days: 3 }');
  assert.equal(unknown.code, 'SETTING_UNKNOWN');
  assert.match(unknown.message, /^sbw\.config\.yaml, settings: /);
  assert.match(unknown.fix ?? '', /did you mean logDays/);
  const invalid = refusal('stages: { prod: { settings: { logDays: -1 } } }');
  assert.equal(invalid.code, 'SETTING_INVALID');
  assert.match(invalid.message, /stages\.prod\.settings: logDays cannot be -1/);
});

test('what is no config file is told in a sentence', () => {
  const deep = ['a: &a [x]', ...Array.from('bcdefghijklmnop', (name, at) => bomb(name, at))].join('\n');
  const cases: readonly [text: string, problem: RegExp, path?: string][] = [
    ['[1, 2]', /it cannot be \[1,2\]/],
    ['just words', /it cannot be "just words"/],
    ['settings: 3', /settings cannot be 3/],
    ['stages: [prod]', /stages cannot be/],
    ['region: nowhere', /region cannot be "nowhere"/],
    ['account: 123456789012', /account cannot be 123456789012/],
    ['profile: "a\\nb"', /profile cannot be/],
    ['stage: PROD', /stage: "PROD" cannot be a stage/],
    ['stages: { "../x": {} }', /stages: "\.\.\/x" cannot be a stage/],
    ['a: 1\na: 2', /it is no YAML: Map keys must be unique/],
    ['a: [', /it is no YAML/],
    ['{,}', /it is no JSON/, 'x.json'],
    [deep, /alias|anchor/i],
    [`region: "${'x'.repeat(100_001)}"`, /too many for a config file/],
  ];
  for (const [text, problem, path] of cases) {
    const { code, kind, message } = refusal(text, path);
    assert.deepEqual([code, kind], ['CONFIG_INVALID', 'usage'], text.slice(0, 50));
    assert.match(message, problem);
    assert.ok(message.length < 600, 'the file is not repeated');
  }
});

/** Each line doubles the one above it. */
function bomb(name: string, at: number): string {
  const before = String.fromCharCode('a'.charCodeAt(0) + at);
  return `${name}: &${name} [*${before}, *${before}, *${before}]`;
}
