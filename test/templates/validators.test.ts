import { RegoEngine, TemplateFile, type Engine } from '@aws/cloudformation-validate';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { requirePythonTool } from './support/python-tool.ts';
import { listLayers, TEMPLATES } from './support/template.ts';

const REGION = 'ap-southeast-1';
const fileOf = (layer: string): string => join(TEMPLATES, `${layer}.yaml`);

let engine: Engine;
const scratch = mkdtempSync(join(tmpdir(), 'sbw-templates-'));
before(() => {
  engine = new RegoEngine();
});
after(() => {
  engine.free();
  rmSync(scratch, { recursive: true });
});

/** Findings of AWS's own validator from warnings on; what it merely notes (create-only properties) is left out. */
function validate(file: string): string[] {
  const report = engine.validateStandard(new TemplateFile(file), {
    severityLevel: 'WARN',
    pseudoParameterOverrides: { region: REGION },
  });
  assert.equal(report.status, 'OK');
  return report.diagnostics.map(
    ({ ruleId, entity, propertyPath = '', message }) =>
      `${ruleId} ${entity?.logicalId ?? ''} ${propertyPath}: ${message}`,
  );
}

/** Findings of cfn-lint, a line each, with all of its rules but the merely informative. */
async function lint(files: readonly string[]): Promise<string> {
  const child = spawn(requirePythonTool('cfn-lint'), [
    ...['--regions', REGION, '--format', 'parseable', '--'],
    ...files,
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code === 0, output === '', output);
  return output;
}

for (const layer of listLayers()) {
  test(`${layer}: AWS's own validator finds nothing`, () => {
    assert.deepEqual(validate(fileOf(layer)), []);
  });
}

test('cfn-lint finds nothing in any of them', async () => {
  assert.equal(await lint(listLayers().map(fileOf)), '');
});

test('both find what is wrong', async () => {
  const broken = join(scratch, 'broken.yaml');
  writeFileSync(broken, readFileSync(fileOf('storage'), 'utf8').replace('BucketName:', 'BucketNme:'));
  assert.match(validate(broken).join('\n'), /RawBucket.*BucketNme/);
  assert.match(await lint([broken]), /BucketNme/);
});
