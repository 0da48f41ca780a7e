import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { systemErrorCode } from './errors.js';

// Below what Linux (from 32768) and macOS (from 49152) give to outgoing connections: a service that is started
// again must not find that somebody's connection to PostgreSQL has taken its port.
const lowest = 10_000;
const highest = 32_000;
const mostAttempts = 1_000;

/**
 * Different ports of 127.0.0.1 that are free now. Whoever uses them must expect to lose one to another process meanwhile.
 *
 * @throws Error where next to none are free
 */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  try {
    for (let attempt = 0; held.size < count; attempt += 1) {
      if (attempt > mostAttempts) throw new Error(`no ${count} ports between ${lowest} and ${highest} are free`);
      const port = randomInt(lowest, highest);
      const server = held.has(port) ? undefined : await hold(port);
      if (server !== undefined) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map((server) => once(server.close(), 'close')));
  }
}

/** One port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('one port was asked for and none came');
  return port;
}

/** Listens on the port, or tells that somebody else does. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (['EADDRINUSE', 'EACCES'].includes(systemErrorCode(error) ?? '') ? resolve(undefined) : reject(error)));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
