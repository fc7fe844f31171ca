import { findStack } from '../cloudformation/stack.ts';
import { HANDLE, type Signal, signal } from '../resources/operations.ts';
import type { HostBehaviour } from '../world/options.ts';
import type { World } from '../world/world.ts';

export function setHost(world: World, host: Partial<HostBehaviour>): void {
  world.host = { ...world.host, ...host };
}

/** @throws Error when the stack has no such letter box */
export function signalTo(world: World, stackName: string, logicalId: string, given: Partial<Signal>): void {
  const resource = findStack(world, stackName)?.resources.get(logicalId);
  if (resource?.type !== HANDLE) throw new Error(`${stackName} has no wait condition handle ${logicalId}`);
  const content: Signal = { Status: 'SUCCESS', Reason: 'ready', UniqueId: 'test', Data: '', ...given };
  signal(world, resource.physicalId.slice(world.endpointUrl.length), content);
}
