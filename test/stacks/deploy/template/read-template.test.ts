import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { resourcesMade } from '../../../../src/stacks/deploy/template/conditions.ts';
import { readTemplate, titlesOf } from '../../../../src/stacks/deploy/template/read-template.ts';

const TEXT = `
Metadata: { sbw: { title: Storage, about: Two buckets } }
Parameters:
  Size: { Type: Number, Default: 30 }
  Name: { Type: String }
  Mail: { Type: String, Default: '' }
Conditions:
  IsBig: !Equals [!Ref Size, '100']
  HasMail: !Not [!Equals [!Ref Mail, '']]
  IsEither: !Or [!Condition IsBig, !Condition HasMail]
  IsBoth: !And [!Condition IsBig, !Condition HasMail]
Resources:
  Raw: { Type: 'AWS::S3::Bucket', Metadata: { sbw: { title: Raw events } } }
  Big: { Type: 'AWS::S3::Bucket', Condition: IsBig }
  Mail: { Type: 'AWS::SNS::Topic', Condition: HasMail, Properties: { Name: !Sub 'x-\${Name}' } }
  Either: { Type: 'AWS::SNS::Topic', Condition: IsEither }
  Both: { Type: 'AWS::SNS::Topic', Condition: IsBoth }
`;

test('what a plan needs of a template: words, parameters as text, resources in their order', () => {
  const template = readTemplate('storage', TEXT);
  assert.deepEqual([template.title, template.about], ['Storage', 'Two buckets']);
  assert.equal(template.hash, createHash('sha256').update(TEXT).digest('hex'));
  assert.deepEqual(Object.fromEntries(template.parameters), { Size: '30', Name: null, Mail: '' });
  assert.deepEqual([...titlesOf(template)].slice(0, 2), [
    ['Raw', 'Raw events'],
    ['Big', 'Big'],
  ]);
  assert.equal(readTemplate('network', 'Resources: {}').title, 'network');
});

test('resources come with their conditions; one that cannot be told yet is counted in', () => {
  const template = readTemplate('storage', TEXT);
  const made = (parameters: Record<string, string | null>): string =>
    resourcesMade(template, parameters)
      .map(({ logicalId }) => logicalId)
      .join(' ');
  assert.equal(made({}), 'Raw', 'the defaults hold');
  assert.equal(made({ Size: '100' }), 'Raw Big Either');
  assert.equal(made({ Mail: 'a@b' }), 'Raw Mail Either');
  assert.equal(made({ Size: '100', Mail: 'a@b' }), 'Raw Big Mail Either Both');
  assert.equal(made({ Size: null }), 'Raw Big Either');
  assert.equal(made({ Size: null, Mail: 'a@b' }), 'Raw Big Mail Either Both');
});

test('capabilities are asked for only where there is a role, and by name only where it has one', () => {
  const capabilities = (resources: string): string =>
    readTemplate('x', `Resources: ${resources}`).capabilities.join();
  assert.equal(capabilities("{ A: { Type: 'AWS::S3::Bucket', Properties: { RoleName: x } } }"), '');
  assert.equal(capabilities("{ A: { Type: 'AWS::IAM::Role' } }"), 'CAPABILITY_IAM');
  assert.equal(
    capabilities(
      "{ A: { Type: 'AWS::IAM::Role' }, B: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: x } } }",
    ),
    'CAPABILITY_NAMED_IAM',
  );
});

test('a template that CloudFormation would not take is refused', () => {
  assert.throws(() => readTemplate('x', `Resources: {}\n#${'x'.repeat(51_200)}`), {
    code: 'TEMPLATE_INVALID',
    message: /51\d\d\d bytes are more than the 51200 allowed/,
  });
  assert.throws(() => readTemplate('x', 'Resources: {'), { code: 'TEMPLATE_INVALID' });
});
