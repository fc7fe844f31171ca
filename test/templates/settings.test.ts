import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOG } from '../../src/stacks/catalog.ts';
import { SETTINGS, type SettingName, readSettings } from '../../src/stacks/settings.ts';
import { readTemplates } from './support/template.ts';

const TEMPLATES = new Map(readTemplates().map((template) => [template.layer, template]));

/** Whether an operator may give it. */
function isTaken(name: SettingName, value: number): boolean {
  try {
    readSettings({ [name]: value });
    return true;
  } catch {
    return false;
  }
}

test('no number that a setting takes is refused by its template, after minutes', () => {
  let count = 0;
  for (const { name: layer, parameters } of CATALOG) {
    for (const [parameter, source] of Object.entries(parameters)) {
      if (source.from !== 'value' || !Object.hasOwn(SETTINGS, source.value)) continue;
      const { Type, MinValue, MaxValue } = TEMPLATES.get(layer)!.Parameters[parameter]!;
      if (Type !== 'Number') continue;
      count += 1;
      const setting = source.value as SettingName;
      const ends = [Number(MinValue ?? -1) - 1, Number(MaxValue ?? 1e9) + 1];
      for (const end of ends) assert.ok(!isTaken(setting, end), `${setting}=${end} is refused by ${layer}`);
    }
  }
  assert.ok(count >= 7, `${count} numbers`);
});
