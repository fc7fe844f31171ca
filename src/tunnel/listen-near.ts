import { SbwError } from '../errors.ts';
import type { Listen } from './ports.ts';

const TRIES = 100;

/** Takes the next free port when the wanted one is taken, and says which one that was. */
export function listenNear(listen: Listen, taken: (port: number) => void | Promise<void>): Listen {
  return async ({ host, port }, accept) => {
    for (let offset = 0; ; offset += 1) {
      try {
        return await listen({ host, port: port + offset }, accept);
      } catch (error) {
        const isTaken = error instanceof SbwError && error.code === 'PORT_TAKEN';
        if (!isTaken || offset >= TRIES || port + offset >= 65_535) throw error;
        await taken(port + offset);
      }
    }
  };
}
