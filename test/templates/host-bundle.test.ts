import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ASSETS_BUCKET, parametersOf } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { statementsOf } from './support/risks.ts';
import { readTemplate } from './support/template.ts';

const { Resources } = renderTemplate(readTemplate('host-bundle'), parametersOf('host-bundle'));
const project = Resources['Project']!.Properties!;
const sourceKey = parametersOf('host-bundle')['SourceKey']!;

test('the build reads its source and writes a bundle and its name, nothing more', () => {
  const bucket = `arn:aws:s3:::${ASSETS_BUCKET}`;
  assert.deepEqual(
    statementsOf(Resources['Role']!).map(({ Action, Resource }) => [Action, Resource]),
    [
      [['s3:GetObject', 's3:GetObjectVersion'], `${bucket}/${sourceKey}`],
      [['s3:GetBucketAcl', 's3:GetBucketLocation'], bucket],
      [
        ['s3:AbortMultipartUpload', 's3:PutObject'],
        [`${bucket}/host/bundle-*.tar`, `${bucket}/${sourceKey}.bundle.json`],
      ],
      [['logs:CreateLogStream', 'logs:PutLogEvents'], '<LogGroup.Arn>'],
    ],
  );
});

test('the build is outside of the network, unprivileged, and takes no more than half an hour', () => {
  assert.equal(project['VpcConfig'], undefined);
  assert.equal((project['Environment'] as Record<string, unknown>)['PrivilegedMode'], undefined);
  assert.equal(project['TimeoutInMinutes'], 30);
});

test('what to build is in the source, and finds there what it calls', () => {
  assert.deepEqual(project['Source'], { Type: 'S3', Location: `${ASSETS_BUCKET}/${sourceKey}` });
  const text = readFileSync('src/instance/bundle/buildspec.yml', 'utf8');
  const { version, phases } = parse(text) as {
    version: number;
    phases: Record<string, { commands: string[] }>;
  };
  assert.equal(version, 0.2);
  const commands = Object.values(phases).flatMap((phase) => phase.commands);
  const scripts = commands.flatMap((command) => /bash (\S+)/.exec(command)?.[1] ?? []);
  assert.deepEqual(scripts, ['build.sh', 'upload.sh']);
  for (const script of scripts) assert.ok(readFileSync(`src/instance/bundle/${script}`, 'utf8').length > 0);
});

test('the build has every variable that its scripts ask for', () => {
  const { EnvironmentVariables } = project['Environment'] as { EnvironmentVariables: { Name: string }[] };
  const upload = readFileSync('src/instance/bundle/upload.sh', 'utf8');
  const asked = [...upload.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name);
  assert.deepEqual(new Set(asked), new Set(EnvironmentVariables.map(({ Name }) => Name)));
});
