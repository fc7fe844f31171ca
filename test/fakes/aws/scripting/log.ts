import type { World } from '../world/world.ts';

/** What a function or server wrote, all in one stream. */
export function writeLog(world: World, group: string, messages: readonly string[]): void {
  const at = world.clock.now();
  const lines = messages.map((message) => ({ at, stream: 'main', message }));
  world.logEvents.set(group, [...(world.logEvents.get(group) ?? []), ...lines]);
}
