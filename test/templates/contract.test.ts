import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTRACT, parametersOf } from './support/contract.ts';
import { renderTemplate } from './support/rendering.ts';
import { listLayers, readTemplates, walk, type Template, type Value } from './support/template.ts';

/** CloudFormation takes no larger template in a call; larger ones would have to go through a bucket. */
const MAX_BYTES = 51_200;

/** Strings of a rendered template that are, or end in, the name: `SBW_EC2_WebDB`, but not `SBW_EC2_WebDB-blue`. */
function mentions(template: Template, stage: string, name: string): number {
  const rendered = renderTemplate(template, parametersOf(template.layer, stage));
  return [...walk(rendered.Resources as unknown as Value)].filter((value) => value === name).length;
}

test('there is a template for every layer, and no other', () => {
  assert.deepEqual(listLayers(), Object.keys(CONTRACT).toSorted());
});

for (const template of readTemplates()) {
  const contract = CONTRACT[template.layer]!;
  const { layer } = template;

  test(`${layer}: parameters and outputs are those of the contract`, () => {
    assert.deepEqual(
      Object.keys(template.Parameters).toSorted(),
      Object.keys(parametersOf(layer)).toSorted(),
    );
    assert.deepEqual(Object.keys(template.Outputs).toSorted(), contract.outputs.toSorted());
    for (const [name, output] of Object.entries(template.Outputs)) {
      assert.ok(!('Export' in output), `${name} is exported`);
      assert.equal(output.Condition, undefined, `${name} can be absent`);
    }
  });

  test(`${layer}: parameters come as text, numbers or ids, the default stage is the default`, () => {
    for (const [name, { Type }] of Object.entries(template.Parameters)) {
      assert.match(Type, /^(String|Number|AWS::EC2::\w+::(Id|Name))$/, name);
    }
    assert.equal(template.Parameters['NameSuffix']?.Default, '');
  });

  test(`${layer}: what sbw names is there`, () => {
    for (const [id, type] of Object.entries(contract.resources)) {
      assert.equal(template.Resources[id]?.Type, type, id);
    }
  });

  test(`${layer}: every resource and the layer have a plain title`, () => {
    const titles = Object.entries(template.Resources).map(([id, resource]) => {
      const title = resource.Metadata?.sbw?.title ?? '';
      assert.match(title, /^[A-Z].{3,59}$/, `${layer} ${id}`);
      assert.doesNotMatch(title, /\.$|AWS::/, `${layer} ${id}`);
      return title;
    });
    assert.equal(new Set(titles).size, titles.length, 'two resources share a title');
    assert.match(template.Metadata?.sbw?.title ?? '', /^[A-Z].{2,39}$/);
    assert.match(template.Metadata?.sbw?.about ?? '', /^[A-Z].{20,}\.$/);
  });

  test(`${layer}: names are exactly those that operators know`, () => {
    for (const name of contract.names) {
      assert.ok(mentions(template, 'dev', name) > 0, `${name} in the default stage`);
      assert.ok(mentions(template, 'blue', `${name}-blue`) > 0, `${name}-blue in another`);
      assert.equal(mentions(template, 'blue', name), 0, `${name} in another`);
    }
  });

  test(`${layer}: fits into one call`, () => {
    assert.ok(Buffer.byteLength(template.text) < MAX_BYTES);
  });
}
