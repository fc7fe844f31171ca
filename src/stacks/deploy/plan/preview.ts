import type { LayerName } from '../../catalog.ts';
import type { ResourceChange } from '../../ports/cloudformation.ts';
import { type ChangeSetWorld, withChangeSet } from '../apply/change-set.ts';
import { titlesOf } from '../template/read-template.ts';
import { type DeployRequest, draftLayers } from './draft.ts';
import type { Facts, Previews } from './facts.ts';

/**
 * Asks CloudFormation what it would change in the stacks that are there and may change. The change sets are gone
 * afterwards: applying makes new ones and holds them against the plan.
 *
 * @param token unlike that of every other run
 */
export async function previewChanges(
  world: ChangeSetWorld,
  request: DeployRequest,
  facts: Facts,
  token: string,
): Promise<Previews> {
  const drafts = draftLayers(request, facts).filter(({ action }) => action === 'compare');
  const previews = await Promise.all(
    drafts.map(async ({ layer, stackName, parameters, tags }) => {
      const template = facts.templates.get(layer)!;
      const current = facts.stacks.get(layer)?.parameters ?? {};
      const complete = Object.entries(parameters).map(([name, value]) => [
        name,
        value ?? current[name] ?? '',
      ]);
      const wish = {
        ...{ stackName, changeSetName: token, kind: 'UPDATE' as const, tags },
        parameters: Object.fromEntries(complete) as Record<string, string>,
        template: { body: template.text },
        capabilities: template.capabilities,
        titles: titlesOf(template),
      };
      const changes = await withChangeSet(world, wish, async (changeSet) => ({
        isExecuted: false,
        result: changeSet?.changes ?? null,
      }));
      return [layer, changes] as const;
    }),
  );
  return new Map(previews.filter((one): one is [LayerName, readonly ResourceChange[]] => one[1] !== null));
}
