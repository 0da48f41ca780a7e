import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError } from './errors.js';
import { kafkaJars } from './kafka-jars.js';
import { freePorts } from './ports.js';
import { signal } from './processes.js';

const guard = join(import.meta.dirname, '../dist/kafka-guard.js');
/** Any 16 bytes in base64url: what has it is one cluster. */
const clusterId = 'QW5uYWxzLWxvY2FsLWthZg';
const readyWithinMs = 60_000;
const stopWithinMs = 15_000;
const mostAttempts = 3;
const mostWords = 2_000;
// A broker of a test must not take a machine's memory, and one that comes and goes is quicker without the second compiler.
const javaOptions = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

/** A broker of Apache Kafka that runs on this machine alone. */
export interface KafkaBroker {
  /** For KAFKA_BROKERS: `127.0.0.1:<port>`. */
  readonly brokers: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves with a sentence when it ends without `stop` having been called. */
  readonly died: Promise<string>;
  /** Ends it in order, or at once where `quickly`. */
  stop(options?: { readonly quickly?: boolean }): Promise<void>;
}

/** What `startKafka` is told. */
export interface KafkaOptions {
  /** Made when absent; everything that the broker keeps lies below it. */
  readonly dataDir: string;
  /** Of 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Receives what the broker says. */
  readonly log?: (text: string) => void;
}

/**
 * Starts one broker in KRaft mode, on 127.0.0.1 only, with what it kept before. It ends when this process does.
 *
 * @throws LocalError where Java, Maven or the jars are missing, or the broker does not come up
 */
export async function startKafka(options: KafkaOptions): Promise<KafkaBroker> {
  const jars = await kafkaJars();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(jars, options);
    } catch (error) {
      // Another process may have taken the port that was free.
      if (options.port !== undefined || attempt >= mostAttempts) throw error;
    }
  }
}

async function start(jars: string, options: KafkaOptions): Promise<KafkaBroker> {
  const { dataDir, log = () => undefined } = options;
  const [controller = 0, free = 0] = await freePorts(2);
  const port = options.port ?? free;
  const java = [...javaOptions, '-cp', join(jars, '*')];
  const properties = await writeProperties(dataDir, port, controller);
  if (!existsSync(join(dataDir, 'log/meta.properties'))) format([...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties]);
  const child = spawn(process.execPath, [guard, ...java, 'kafka.Kafka', properties], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  const lastWords = listen(child, log);
  const ended = once(child, 'exit').then(() => undefined);
  const pid = await Promise.race([toldPid(child), ended]);
  if (pid !== undefined && (await listens(port, child))) return running(port, pid, ended);
  child.kill('SIGTERM');
  throw new LocalError(`Kafka did not come up: ${lastWords()}.`);
}

/** Hands on what the broker says, and keeps the last of it. */
function listen(child: ChildProcess, log: (text: string) => void): () => string {
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-mostWords);
      log(chunk.toString());
    });
  }
  return () => words.trim().split('\n').at(-1) ?? '';
}

function toldPid(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.once('message', (message: { readonly pid?: number }) => resolve(message.pid));
  });
}

function running(port: number, pid: number, ended: Promise<undefined>): KafkaBroker {
  let stopping = false;
  const died = new Promise<string>((tell) => {
    void ended.then(() => {
      if (!stopping) tell('Kafka ended.');
    });
  });
  const stopOnce = async ({ quickly = false } = {}): Promise<void> => {
    stopping = true;
    await stop(pid, ended, quickly);
  };
  return { brokers: `127.0.0.1:${port}`, port, pid, died, stop: stopOnce };
}

async function stop(pid: number, ended: Promise<undefined>, quickly: boolean): Promise<void> {
  signal(pid, quickly ? 'SIGKILL' : 'SIGTERM');
  const timer = setTimeout(() => signal(pid, 'SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(timer);
}

function format(java: readonly string[]): void {
  const { status, stderr, stdout, error } = spawnSync('java', java, { encoding: 'utf8', timeout: readyWithinMs });
  if (status !== 0) throw new LocalError(`Kafka could not make its data directory: ${error?.message ?? (stderr || stdout).trim().split('\n').at(-1)}.`);
}

/** The port opens only when the broker is ready. False where it ended before, or takes longer than a minute. */
async function listens(port: number, child: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + readyWithinMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return true;
    await sleep(50);
  }
  return false;
}

async function writeProperties(dataDir: string, port: number, controller: number): Promise<string> {
  await mkdir(join(dataDir, 'log'), { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'server.properties');
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(dataDir, 'log'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 500,
    // With the usual nine seconds a broker that was killed is waited for that long by itself.
    'broker.session.timeout.ms': 1_500,
    'broker.heartbeat.interval.ms': 375,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
  };
  await writeFile(path, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  return path;
}
