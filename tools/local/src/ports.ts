import { createServer } from 'node:net';

/** A port of 127.0.0.1 that is free now. Whoever uses it must expect to lose it to another process meanwhile. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('a listening server has no address'));
      });
    });
  });
}
