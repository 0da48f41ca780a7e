import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalError, messageOf } from './errors.js';
import { LineReader } from './log-lines.js';
import type { LogFile } from './log-file.js';
import { Restarts } from './restarts.js';

const readyWithinMs = 120_000;
const stopWithinMs = 15_000;
const pollMs = 50;
const mostAnswer = 64 * 1024;

/** What a service process is made of. */
export interface ServiceProcessOptions {
  readonly name: string;
  /** The file that Node runs. */
  readonly entry: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly log: LogFile;
  /** Receives a line for the person at the terminal. */
  readonly report: (line: string) => void;
  /** Called for each process that is started. */
  readonly started: (pid: number) => void;
  /** Called once when the service is given up. */
  readonly gaveUp: (error: LocalError) => void;
}

/**
 * One service in a process of its own, started again when it dies.
 *
 * It has a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone, and an IPC channel
 * whose end tells it that the supervisor is gone.
 */
export class ServiceProcess {
  readonly #options: ServiceProcessOptions;
  readonly #restarts: Restarts;
  #child: ChildProcess | undefined;
  readonly #stop = new AbortController();
  #error: LocalError | undefined;
  #lastWords = '';

  constructor(options: ServiceProcessOptions) {
    this.#options = options;
    this.#restarts = new Restarts(options.name, options.log.path);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { entry, env, log, name, report } = this.#options;
    const child = spawn(process.execPath, [entry], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    const lines = new LineReader(name, report);
    child.stdout?.on('data', (chunk: Buffer) => {
      log.write(chunk.toString());
      lines.push(chunk.toString());
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      log.write(chunk.toString());
      this.#lastWords = chunk.toString().trim().split('\n').at(-1)?.slice(0, 300) ?? '';
    });
    child.on('error', (error) => log.write(`${messageOf(error)}\n`));
    child.once('close', (code, signalName) => this.#died(signalName ?? `code ${code}`));
    this.#child = child;
    this.#lastWords = '';
    if (child.pid !== undefined) this.#options.started(child.pid);
  }

  /** Resolves when /health/ready answers 200; rejects when the service was given up or takes longer than two minutes. */
  async ready(): Promise<void> {
    const deadline = performance.now() + readyWithinMs;
    while (!(await answersReady(this.#options))) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#stop.signal.aborted) throw new LocalError(`${this.#options.name} was stopped before it was ready.`);
      if (performance.now() > deadline) throw new LocalError(`${this.#options.name} did not become ready within two minutes.`);
      await sleep(pollMs);
    }
  }

  /** Asks the process to end and ends it by force after 15 s, or at once when `quickly`. */
  async stop(quickly: boolean): Promise<void> {
    this.#stop.abort();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(quickly ? 'SIGKILL' : 'SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(timer);
  }

  #died(how: string): void {
    if (this.#stop.signal.aborted) return;
    try {
      const delay = this.#restarts.delayAfterDeath(performance.now());
      const words = this.#lastWords === '' ? '' : `: ${this.#lastWords}`;
      this.#options.report(`${this.#options.name} ended (${how}${words}) and is started again`);
      // An aborted wait is the stop that was asked for.
      sleep(delay, undefined, { signal: this.#stop.signal }).then(() => this.start(), () => undefined);
    } catch (error) {
      this.#error = error instanceof LocalError ? error : new LocalError(messageOf(error));
      this.#options.gaveUp(this.#error);
    }
  }
}

/** True when this service says that it is ready; somebody else who has its port may say what he likes. */
async function answersReady({ name, port }: ServiceProcessOptions): Promise<boolean> {
  const { status, body } = await ask(port);
  return status === 200 && body.includes(`"service":${JSON.stringify(name)}`);
}

function ask(port: number): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const none = (): void => resolve({ status: 0, body: '' });
    const request = get({ host: '127.0.0.1', port, path: '/health/ready', agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body = (body + chunk.toString()).slice(0, mostAnswer)));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', none);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', none);
  });
}
