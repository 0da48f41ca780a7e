import { createServer } from 'node:net';
import { join } from 'node:path';
import { openDataDirectory, type DataDirectory } from './data-directory.js';
import { prepareDatabases, type DatabaseUrls } from './databases.js';
import { LocalError, exitCodes, explained, messageOf, systemErrorCode } from './errors.js';
import { LogFile } from './log-file.js';
import { startKafka, type KafkaBroker } from './kafka.js';
import { freePort, freePorts } from './ports.js';
import { startPostgres, type Postgres } from './postgres.js';
import { signal } from './processes.js';
import { ServerProcess } from './server-process.js';
import { ServiceProcess } from './service-process.js';
import { gatewayName, type ServiceDefinition } from './services.js';

/** What `startSystem` is told. */
export interface SystemOptions {
  /** Made when absent; everything of the deployment lies below it. */
  readonly dataDir: string;
  /** The processes to start; the one named `gateway` is the front door. See `builtServices`. */
  readonly services: readonly ServiceDefinition[];
  /** The front door's port on 127.0.0.1; a free one by default. */
  readonly port?: number;
  /** Marks a data directory made now as one for the demonstration. */
  readonly demo?: boolean;
  /** Keeps the read models in a PostgreSQL of their own, away from log and keys. */
  readonly separateReadModels?: boolean;
  /** Starts a Kafka too, to which events are published. */
  readonly kafka?: boolean;
  /** Lets in those alone who have a token that was signed with the data directory's key; left out, what the directory was last started with. */
  readonly tokens?: boolean;
  /** False for throw-away data only: see `PostgresOptions.durable`. */
  readonly durable?: boolean;
  /** Further environment of every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborted while the system is starting, it ends what has started, and the start rejects. */
  readonly signal?: AbortSignal;
  /** Receives a line for the person at the terminal: services that became ready, died, or warn. */
  readonly report?: (line: string) => void;
}

/** Annals, running. */
export interface System {
  /** The front door's address. */
  readonly url: string;
  /** Addresses by service. */
  readonly serviceUrls: Readonly<Record<string, string>>;
  /** The services' own connections. They hold passwords. */
  readonly databases: DatabaseUrls;
  readonly dataDir: string;
  readonly demo: boolean;
  /** Whether callers must have tokens. */
  readonly tokens: boolean;
  /** Of the Kafka, where there is one. */
  readonly brokers: string | undefined;
  /** Resolves when something died too often and was given up; the rest still runs until `stop`. */
  readonly failed: Promise<LocalError>;
  /** Process numbers as they are now, by service, with `postgresql`, and `read-models` and `kafka` where they are there. */
  pids(): Readonly<Record<string, number>>;
  /** Ends one of them as a crash would, for tests of recovery. */
  kill(name: string): void;
  /** Ends the front door, then the services, then PostgreSQL. Called again with `quickly`, it waits for nobody. */
  stop(options?: { readonly quickly?: boolean }): Promise<void>;
}

interface Parts {
  readonly directory: DataDirectory;
  readonly clusters: Map<string, ServerProcess<Postgres>>;
  kafka?: ServerProcess<KafkaBroker>;
  readonly services: Map<string, ServiceProcess>;
  readonly logs: LogFile[];
  readonly report: (line: string) => void;
  readonly gaveUp: (error: LocalError) => void;
}

/**
 * Brings up a whole Annals on this machine: data directory, keys, PostgreSQL, and each service as its own process.
 * Resolves when all are ready; when one cannot be, everything is ended again.
 *
 * @throws LocalError with a sentence and an exit code
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  try {
    return await start(options);
  } catch (error) {
    throw explained(error, `Annals could not be started in ${options.dataDir}`);
  }
}

async function start(options: SystemOptions): Promise<System> {
  let fail: (error: LocalError) => void = () => undefined;
  const failed = new Promise<LocalError>((resolve) => (fail = resolve));
  const directory = await openDataDirectory(options.dataDir, options.demo ?? false, options.tokens);
  const parts: Parts = { directory, clusters: new Map(), services: new Map(), logs: [], report: options.report ?? (() => undefined), gaveUp: fail };
  try {
    const port = options.port ?? (await freePort());
    await refuseTakenPort(port);
    const databases = await startClusters(parts, options);
    options.signal?.throwIfAborted();
    if (options.kafka === true) await startBroker(parts);
    const serviceUrls = await startServices(parts, options, databases, port);
    return { ...controls(parts), url: `http://127.0.0.1:${port}`, serviceUrls, databases, dataDir: directory.path, demo: directory.demo, tokens: directory.tokens === true, brokers: parts.kafka?.server.brokers, failed };
  } catch (error) {
    await stopAll(parts, false);
    throw error;
  }
}

function controls(parts: Parts): Pick<System, 'pids' | 'kill' | 'stop'> {
  return {
    pids: () => pidsOf(parts),
    kill: (name) => {
      const pid = pidsOf(parts)[name];
      if (pid === undefined) throw new LocalError(`Nothing named ${name} runs here.`);
      signal(pid, 'SIGKILL');
    },
    stop: ({ quickly = false } = {}) => stopAll(parts, quickly),
  };
}

async function refuseTakenPort(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const taken = systemErrorCode(error) === 'EADDRINUSE';
      const why = taken ? `Port ${port} on 127.0.0.1 is taken` : `Port ${port} on 127.0.0.1 cannot be used (${error.message})`;
      reject(new LocalError(`${why}; choose another with --port.`, exitCodes.portTaken));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

async function startClusters(parts: Parts, options: SystemOptions): Promise<DatabaseUrls> {
  const begun = performance.now();
  const start = async (name: string, folder: string): Promise<ServerProcess<Postgres>> => {
    const dataDir = join(parts.directory.path, folder);
    const log = openLog(parts, name);
    const open = (port?: number): Promise<Postgres> => startPostgres({ dataDir, durable: options.durable ?? true, log: (text) => log.write(text), ...(port !== undefined && { port }) });
    const cluster = await ServerProcess.start(open, { ...parts, name: 'PostgreSQL', log });
    parts.clusters.set(name, cluster);
    return cluster;
  };
  const log = await start('postgresql', 'postgres');
  const views = options.separateReadModels === true ? await start('read-models', 'postgres-read-models') : log;
  const databases = await prepareDatabases(log.server, views.server);
  parts.report(readyLine('postgresql', begun));
  return databases;
}

async function startBroker(parts: Parts): Promise<void> {
  const begun = performance.now();
  const log = openLog(parts, 'kafka');
  const open = async (port?: number): Promise<KafkaBroker> => {
    const broker = await startKafka({ dataDir: join(parts.directory.path, 'kafka'), log: (text) => log.write(text), ...(port !== undefined && { port }) });
    await parts.directory.remember('kafka', broker.pid);
    return broker;
  };
  parts.kafka = await ServerProcess.start(open, { ...parts, name: 'Kafka', log });
  parts.report(readyLine('kafka', begun));
}

function openLog(parts: Parts, name: string): LogFile {
  const log = new LogFile(join(parts.directory.path, 'logs', `${name}.log`));
  parts.logs.push(log);
  return log;
}

async function startServices(parts: Parts, options: SystemOptions, databases: DatabaseUrls, port: number): Promise<Record<string, string>> {
  const begun = performance.now();
  const ports: Record<string, number> = {};
  const free = (await freePorts(options.services.length + 1)).filter((one) => one !== port);
  options.services.forEach(({ name }, index) => (ports[name] = name === gatewayName ? port : (free[index] ?? 0)));
  const urls = Object.fromEntries(Object.entries(ports).map(([name, itsPort]) => [name, `http://127.0.0.1:${itsPort}`]));
  const neighbours = Object.fromEntries(Object.entries(urls).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]));
  for (const definition of options.services) {
    const { name, entry } = definition;
    const own = name === gatewayName ? neighbours : logEnvironment(parts.directory, databases, definition);
    const service = new ServiceProcess({
      name,
      entry,
      port: ports[name] ?? 0,
      env: { ...sharedEnvironment(parts), ...(parts.directory.tokens === true && { TOKEN_PUBLIC_KEY_FILE: parts.directory.tokenPublicKeyFile }), ...own, ...options.env, PORT: String(ports[name]) },
      log: openLog(parts, name),
      report: parts.report,
      started: (pid) => {
        parts.directory.remember(name, pid).catch((error: unknown) => parts.report(`processes.json: ${messageOf(error)}`));
      },
      gaveUp: parts.gaveUp,
    });
    parts.services.set(name, service);
    service.start();
  }
  await untilReady(parts, begun, options.signal);
  return urls;
}

async function untilReady(parts: Parts, begun: number, signal: AbortSignal | undefined): Promise<void> {
  const ready = Promise.all([...parts.services].map(async ([name, service]) => {
    await service.ready();
    parts.report(readyLine(name, begun));
  }));
  const aborted = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new LocalError('The start was interrupted.')), { once: true });
  });
  await Promise.race([ready, aborted]);
}

function sharedEnvironment({ directory, kafka }: Parts): Record<string, string> {
  return {
    ...(kafka && { KAFKA_BROKERS: kafka.server.brokers }),
    HOST: '127.0.0.1',
    ANNALS_TIME_ZONE: directory.timeZone,
    ANNALS_DEMO: directory.demo ? '1' : '0',
    ANNALS_DATA_DIR: directory.path,
  };
}

function logEnvironment(directory: DataDirectory, databases: DatabaseUrls, { readsOnly = false, withoutKeys = false }: ServiceDefinition): Record<string, string> {
  const keys = { KEY_STORE_URL: readsOnly ? databases.keyStoreReader : databases.keyStore, MASTER_KEY_FILE: directory.masterKeyFile };
  return {
    EVENT_STORE_URL: readsOnly ? databases.eventStoreReader : databases.eventStore,
    DATABASE_URL: databases.readModels,
    DEPLOYMENT_KEY_FILE: directory.deploymentKeyFile,
    ...(!withoutKeys && keys),
  };
}

function readyLine(name: string, begun: number): string {
  return `${name} is ready (${((performance.now() - begun) / 1_000).toFixed(1)} s)`;
}

function pidsOf(parts: Parts): Record<string, number> {
  const pids: Record<string, number> = {};
  for (const [name, cluster] of parts.clusters) pids[name] = cluster.server.pid;
  if (parts.kafka !== undefined) pids['kafka'] = parts.kafka.server.pid;
  for (const [name, { pid }] of parts.services) if (pid !== undefined) pids[name] = pid;
  return pids;
}

/** From the outside in: nobody is left calling a neighbour that is gone. */
async function stopAll(parts: Parts, quickly: boolean): Promise<void> {
  // A full disk must not keep anything from ending.
  await parts.directory.announceEnd().catch((error: unknown) => parts.report(`owner.lock: ${messageOf(error)}`));
  await parts.services.get(gatewayName)?.stop(quickly);
  await Promise.all([...parts.services.values()].map((service) => service.stop(quickly)));
  await Promise.all([...parts.clusters.values(), ...(parts.kafka ? [parts.kafka] : [])].map((server) => server.stop(quickly)));
  for (const log of parts.logs.splice(0)) log.close();
  await parts.directory.release();
}
