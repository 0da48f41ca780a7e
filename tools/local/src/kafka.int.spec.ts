import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually, itWhere } from '@annals/testing';
import { describe, expect } from '@jest/globals';
import { Scratch } from './fixtures/scratch.js';
import { kafkaLacks } from './kafka-jars.js';
import { startKafka } from './kafka.js';
import { isAlive, signal } from './processes.js';

const scratch = new Scratch();
const lacks = kafkaLacks();
const it = itWhere(lacks === undefined, lacks ?? '');
const TEST_MS = 400_000;

describe('startKafka', () => {
  it('listens on loopback, tells when it dies, and starts again where it was', async () => {
    const dataDir = await scratch.folder();
    const first = await startKafka({ dataDir });
    signal(first.pid, 'SIGKILL');
    expect(await first.died).toBe('Kafka ended.');
    const second = await startKafka({ dataDir, port: first.port });
    expect(second.brokers).toBe(`127.0.0.1:${first.port}`);
    const socket = connect(second.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  }, TEST_MS);

  it('ends when the process that started it is killed', async () => {
    const owner = spawn(process.execPath, [fileURLToPath(new URL('fixtures/kafka-owner.mjs', import.meta.url)), await scratch.folder()], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said]: Buffer[] = await once(owner.stdout, 'data');
    const pid = Number(said?.toString());
    expect(isAlive(pid)).toBe(true);
    owner.kill('SIGKILL');
    await eventually(() => expect(isAlive(pid)).toBe(false), { withinMs: 20_000 });
  }, TEST_MS);
});
