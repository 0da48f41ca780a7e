import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './binaries.js';
import { LocalError, messageOf, systemErrorCode } from './errors.js';

const pom = join(import.meta.dirname, '../kafka/pom.xml');
const oldestJava = 17;
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const fetchWithinMs = 300_000;

/**
 * What this machine lacks to run a Kafka broker of its own.
 *
 * @returns a sentence, or undefined where it has all
 */
export function kafkaLacks(): string | undefined {
  const java = /version "(\d+)/.exec(spawnSync('java', ['-version'], { encoding: 'utf8', timeout: 20_000 }).stderr ?? '')?.[1];
  if (java === undefined || Number(java) < oldestJava) return `Java ${oldestJava} or later`;
  // Without Maven the jars may still be there from an earlier time.
  return spawnSync('mvn', ['--version'], { timeout: 20_000 }).status === 0 ? undefined : 'Maven';
}

/**
 * Fetches Apache Kafka's jars with Maven, once for all clones of this account.
 *
 * @returns the folder that holds them
 * @throws LocalError where Maven cannot be run or fetches nothing
 */
export async function kafkaJars(cache = cacheFolder()): Promise<string> {
  const version = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([\d.]+)</.exec(await readFile(pom, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${pom} names no version of Kafka`);
  const target = join(cache, `kafka-${version}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${randomUUID()}`;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await run('mvn', ['-q', '-B', '-f', pom, copyDependencies, '-DincludeScope=runtime', `-DoutputDirectory=${draft}`]);
    await rename(draft, target);
  } catch (error) {
    // Another has fetched them meanwhile.
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw new LocalError(`Kafka's programs could not be fetched: ${messageOf(error)}.`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return target;
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: fetchWithinMs });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-2_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code ?? 'a signal'}: ${output.trim().split('\n').at(-1) ?? 'it said nothing'}`);
}
