import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusReport } from '../../../src/stacks/status/status.ts';
import { withoutColour } from '../../../src/terminal/paint.ts';
import { formatStatus } from '../../../src/terminal/status/render-status.ts';
import { statusToJson } from '../../../src/terminal/status/status-json.ts';

const REPORT: StatusReport = {
  stage: 'dev',
  state: 'down',
  checks: [
    {
      id: 'stacks',
      verdict: 'busy',
      summary: 'etl is being updated',
      details: [],
      fix: 'sbw deploy --attach',
    },
    {
      ...{ id: 'drift', verdict: 'fail', summary: 'network: WebDbSecurityGroup', fix: '' },
      details: [
        'network WebDbSecurityGroup (sg-1) /SecurityGroupIngress: [{"CidrIp":"0.0.0.0/0"}], template: []',
      ],
    },
    { id: 'web-db', verdict: 'absent', summary: 'not deployed', details: [], fix: '' },
    {
      ...{ id: 'ingest', verdict: 'fail', details: ['https://x.example/clickstream'] },
      ...{ summary: 'answers an empty request with \u001b[31m503\n instead of 400', fix: 'look' },
    },
    {
      id: 'alarms',
      verdict: 'unknown',
      summary: 'unknown, no answer within 5 s',
      details: ['hidden?'],
      fix: 'look',
    },
    { id: 'etl', verdict: 'ok', summary: 'SBW_Lamda_ETL active', details: ['never shown'], fix: '' },
  ],
  stacks: [
    { layer: 'storage', status: 'CREATE_COMPLETE' },
    { layer: 'etl', status: null },
    { layer: 'ingest', status: undefined },
  ],
  monthly: { lines: [], total: 51.2, isComplete: false },
  blind: null,
};
const SCREEN = {
  report: REPORT,
  region: 'ap-southeast-1',
  account: '123456789012',
  checkedAt: new Date('2026-11-23T05:11:12Z'),
};

test('the screen, 60 columns wide', () => {
  assert.deepEqual(withoutColour(formatStatus(SCREEN, 60)).split('\n'), [
    'dev   ap-southeast-1   account 1234-5678-9012   DOWN',
    '  stacks  busy  etl is being updated',
    '  drift   FAIL  network: WebDbSecurityGroup',
    '                network WebDbSecurityGroup (sg-1)',
    '                /SecurityGroupIngress:',
    '                [{"CidrIp":"0.0.0.0/0"}], template: []',
    '  web-db  -     not deployed',
    '  ingest  FAIL  answers an empty request with',
    '                \\u001b[31m503\\u000a instead of 400',
    '                https://x.example/clickstream',
    '  alarms  ?     unknown, no answer within 5 s',
    '                hidden?',
    '  etl     ok    SBW_Lamda_ETL active',
    '  cost          at least $51.20 a month, as it is deployed',
    'Next: sbw deploy --attach',
    '      look',
    'Which hours are loaded: sbw etl gaps   sbw runs ls',
  ]);
});

test('nothing seen: one sentence instead of a screen of question marks', () => {
  const blind = { reason: 'The AWS credentials have expired.', fix: 'aws sso login' };
  const report: StatusReport = { ...REPORT, state: 'unknown', checks: [], monthly: null, blind };
  const text = withoutColour(formatStatus({ ...SCREEN, report, account: null }, 80));
  assert.deepEqual(text.split('\n'), [
    'dev   ap-southeast-1   account unknown   UNKNOWN',
    '  ?  Nothing could be seen: The AWS credentials have expired.',
    'Next: aws sso login',
  ]);
});

test('the JSON tells a stack that is not there from one that could not be seen', () => {
  const json = statusToJson(SCREEN);
  assert.deepEqual(json['stacks'], [
    { layer: 'storage', status: 'CREATE_COMPLETE', seen: true },
    { layer: 'etl', status: null, seen: true },
    { layer: 'ingest', status: null, seen: false },
  ]);
  assert.deepEqual(
    [
      json['schema'],
      json['checked_at'],
      json['monthly_usd'],
      json['monthly_complete'],
      json['blind_because'],
    ],
    ['sbw.status/1', '2026-11-23T05:11:12.000Z', 51.2, false, null],
  );
  assert.deepEqual((json['checks'] as object[])[5], {
    ...{ id: 'etl', verdict: 'ok', summary: 'SBW_Lamda_ETL active', details: ['never shown'], fix: null },
  });
});
