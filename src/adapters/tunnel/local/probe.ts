import { request } from 'node:http';
import type { Probe } from '../../../tunnel/world.ts';
import { startPostgres } from './postgres-startup.ts';

const TIMEOUT_MS = 15_000;

export const probe: Probe = {
  http: ({ host, port }, path, signal) =>
    new Promise((resolve, reject) => {
      const asked = request({ host, port, path, agent: false, signal, timeout: TIMEOUT_MS }, (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      asked.on('error', reject);
      asked.end();
    }),

  postgres: startPostgres,
};
