/** What we say we are. SSM asks for 1.2.764.0 at least; below 1.2.332.0 agents end idle sessions after 30 s. */
export const CLIENT_VERSION = '1.2.896.0';

/** Agents up to this one carry a single connection, without frames. */
const LAST_WITHOUT_MUX = '3.0.196.0';
/** Agents up to this one do not know the flag that ends a session. */
const LAST_WITHOUT_TERMINATE_FLAG = '2.3.722.0';
/** Agents up to this one end a session in which nothing was heard for 30 s. */
const LAST_WITH_KEEP_ALIVE = '3.1.1511.0';

export function speaksMux(agentVersion: string): boolean {
  return isNewer(agentVersion, LAST_WITHOUT_MUX);
}

export function takesTerminateFlag(agentVersion: string): boolean {
  return isNewer(agentVersion, LAST_WITHOUT_TERMINATE_FLAG);
}

/** Of an agent that speaks mux. */
export function wantsKeepAlive(agentVersion: string): boolean {
  return !isNewer(agentVersion, LAST_WITH_KEEP_ALIVE);
}

/** Four parts compared as numbers; what is no such version is not newer than anything. */
export function isNewer(version: string, than: string): boolean {
  const [left, right] = [partsOf(version), partsOf(than)];
  if (left === null || right === null) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return left[index]! > right[index]!;
  }
  return false;
}

function partsOf(version: string): number[] | null {
  return /^\d{1,9}(\.\d{1,9}){3}$/.test(version) ? version.split('.').map(Number) : null;
}
