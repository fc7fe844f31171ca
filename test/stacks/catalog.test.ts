import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { CATALOG, LAYER_NAMES, layerOf, layersFrom } from '../../src/stacks/catalog.ts';
import { readTemplate } from '../../src/stacks/deploy/template/read-template.ts';

const textOf = (layer: string): string => readFileSync(`src/templates/${layer}.yaml`, 'utf8');

function outputsOf(layer: string): string[] {
  const { Outputs } = parse(textOf(layer), { logLevel: 'silent' }) as { Outputs: Record<string, unknown> };
  return Object.keys(Outputs);
}

test('each layer has its template, and each template its layer', () => {
  const templates = readdirSync('src/templates').map((file) => file.replace('.yaml', ''));
  assert.deepEqual(templates.toSorted(), [...LAYER_NAMES].toSorted());
  assert.deepEqual(
    CATALOG.map(({ name }) => name),
    LAYER_NAMES,
  );
});

test('a template is given exactly the parameters that it has', () => {
  for (const { name, parameters } of CATALOG) {
    const declared = [...readTemplate(name, textOf(name)).parameters.keys()];
    assert.deepEqual(
      declared.toSorted(),
      ['Stage', 'NameSuffix', ...Object.keys(parameters)].toSorted(),
      name,
    );
  }
});

test('what one layer takes from another, that one gives, and stands before it', () => {
  for (const { name, parameters, needs } of CATALOG) {
    for (const source of Object.values(parameters)) {
      if (source.from !== 'output') continue;
      assert.ok(needs.includes(source.layer), `${name} needs ${source.layer}`);
      assert.ok(outputsOf(source.layer).includes(source.output), `${source.layer} has no ${source.output}`);
    }
    const before = LAYER_NAMES.slice(0, LAYER_NAMES.indexOf(name));
    assert.ok(needs.every((need) => before.includes(need)));
  }
});

test('what holds data is named as the template names it', () => {
  for (const { name, data } of CATALOG) {
    const ids = readTemplate(name, textOf(name)).resources.map(({ logicalId }) => logicalId);
    assert.deepEqual(
      data.filter((id) => !ids.includes(id)),
      [],
    );
  }
});

test('a layer and all that hang on it', () => {
  assert.deepEqual(layersFrom('ingest'), ['ingest', 'etl']);
  assert.deepEqual(layersFrom('etl'), ['etl']);
  assert.deepEqual(layersFrom('storage'), ['storage', 'host-bundle', 'warehouse', 'ingest', 'etl']);
  assert.equal(layerOf('web-db').needs.join(), 'network');
});
