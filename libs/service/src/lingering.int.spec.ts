import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Anybody } from './roles.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { listen, type Running } from './start.js';

@Controller()
class Taking {
  @Post('taken')
  @Anybody()
  taken(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [Taking] })
class TakingModule {}

const CHUNK = Buffer.alloc(65_536, 'x');
let running: Running;

beforeAll(async () => {
  const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', ANNALS_DEMO: '0' } as const;
  running = await listen({ name: 'taking', config, module: { module: TakingModule }, dependencies: [] });
});
afterAll(() => running.close());

/** Begins a request by hand, and reads nothing of its answer yet. */
function begun(...headers: string[]): Socket {
  const socket = connect({ port: running.port, host: '127.0.0.1' });
  socket.pause();
  socket.write(['POST /taken HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n'));
  return socket;
}

/** Sends so many chunks to the last byte, and only then reads. */
async function heardAfter(socket: Socket, chunks: number, chunk = CHUNK, last = ''): Promise<string> {
  const closed = once(socket, 'close');
  for (let sent = 0; sent < chunks; sent += 1) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.write(last);
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  socket.resume();
  await closed;
  return heard;
}

describe('a client that sends more than is taken', () => {
  it('hears so, though it listens only when all is sent', async () => {
    const heard = await heardAfter(begun('Content-Type: application/json', `Content-Length: ${200 * CHUNK.length}`), 200);
    expect(heard).toMatch(/^HTTP\/1.1 413 [^]*"code":"payload-too-large"/);
    expect(heard.toLowerCase()).toContain('connection: close');
  });

  it('hears so of a body whose length it did not say', async () => {
    const framed = Buffer.concat([Buffer.from(`${CHUNK.length.toString(16)}\r\n`), CHUNK, Buffer.from('\r\n')]);
    expect(await heardAfter(begun('Content-Type: application/json', 'Transfer-Encoding: chunked'), 100, framed, '0\r\n\r\n')).toMatch(/^HTTP\/1.1 413 /);
  });

  it('is not listened to for ever', async () => {
    const socket = begun('Content-Type: application/json', 'Content-Length: 100000000000');
    const ended = new Promise<void>((resolve) => void socket.once('error', () => resolve()).once('close', () => resolve()));
    let isOpen = true;
    void ended.then(() => (isOpen = false));
    let sent = 0;
    for (; isOpen && sent < 100_000; sent += 1) if (!socket.write(CHUNK)) await Promise.race([once(socket, 'drain').catch(() => undefined), ended]);
    await ended;
    expect(sent).toBeLessThan(100_000);
    socket.destroy();
  }, 30_000);
});
