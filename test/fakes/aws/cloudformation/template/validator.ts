import { CelEngine, type Engine, TemplateFile } from '@aws/cloudformation-validate';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { md5 } from '../../world/ids.ts';

/** What AWS's own offline validator says about a template. */
export interface Verdict {
  /** What AWS would refuse. */
  readonly findings: readonly {
    readonly logicalId: string;
    readonly path: string;
    readonly message: string;
  }[];
  /** Properties that cannot change on a living resource, as `LogicalId.Property`. */
  readonly createOnly: ReadonlySet<string>;
}

const CREATE_ONLY_RULE = 'I9001';
const REFUSED = new Set(['FATAL', 'ERROR']);

let engine: Engine | undefined;
const verdicts = new Map<string, Verdict>();

/** The engine takes two seconds to start, once a process; a template that was seen before costs nothing. */
export function validate(template: string, region: string): Verdict {
  const key = md5(`${region}\n${template}`);
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  const verdict = ask(template, region);
  verdicts.set(key, verdict);
  return verdict;
}

function ask(template: string, region: string): Verdict {
  engine ??= new CelEngine();
  const folder = mkdtempSync(join(tmpdir(), 'fake-aws-'));
  try {
    const file = join(folder, template.trimStart().startsWith('{') ? 'template.json' : 'template.yaml');
    writeFileSync(file, template);
    const { diagnostics } = engine.validateStandard(new TemplateFile(file), {
      severityLevel: 'INFO',
      pseudoParameterOverrides: { region },
    });
    return {
      findings: diagnostics
        .filter(({ severity }) => REFUSED.has(severity))
        .map(({ entity, propertyPath, message }) => ({
          logicalId: entity?.logicalId ?? '',
          path: `/${(propertyPath ?? '').replaceAll('.', '/')}`,
          message,
        })),
      createOnly: new Set(
        diagnostics
          .filter(({ ruleId }) => ruleId === CREATE_ONLY_RULE)
          .map(
            ({ entity, propertyPath }) =>
              `${entity?.logicalId ?? ''}.${(propertyPath ?? '').split('.')[1] ?? ''}`,
          ),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
