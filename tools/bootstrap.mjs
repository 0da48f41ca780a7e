// What `npm start` and `npm test` need before anything is installed; it uses nothing but Node itself.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const oldestNode = [20, 19];
const keptOutput = 400_000;
const installWithinMs = 20 * 60_000;

/** Says a sentence and ends: whoever reads it needs no stack. */
export function giveUp(sentence, exitCode = 1) {
  process.stderr.write(`${sentence}\n`);
  process.exit(exitCode);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  giveUp(`Annals needs Node ${oldestNode.join('.')} or later, and this is ${process.versions.node}.`, 5);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** True when node_modules holds what the lock file names: npm writes down what it installed when it has finished. */
function isInstalled() {
  const locked = readJson(join(root, 'package-lock.json'));
  if (locked === undefined) giveUp('package-lock.json is missing or broken; restore it with "git checkout package-lock.json".');
  const installed = readJson(join(root, 'node_modules/.package-lock.json'));
  if (installed === undefined) return false;
  return Object.entries(locked.packages).every(([path, entry]) => !path.includes('node_modules/') || isPresent(path, entry, installed.packages[path]));
}

function isPresent(path, entry, found) {
  if (found !== undefined) return entry.version === found.version && entry.integrity === found.integrity && existsSync(join(root, path));
  return [entry.optional, entry.devOptional, entry.peer].includes(true) && !isOfThisPlatform(entry);
}

/** Optional packages of other platforms stay away; one of this platform is needed, unless it asks for a certain C library. */
function isOfThisPlatform({ os = [], cpu = [], libc }) {
  return os.includes(process.platform) && cpu.includes(process.arch) && libc === undefined;
}

/** Runs a program quietly; prints all that it said when it fails. */
async function runQuietly(what, [program, ...args], env) {
  const begun = Date.now();
  process.stdout.write(`${what} ...\n`);
  let output = '';
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-keptOutput)));
  const code = await ending(child);
  if (code === 0) return process.stdout.write(`${what}: done in ${Math.round((Date.now() - begun) / 1_000)} s\n`);
  process.stderr.write(output);
  if (output.includes('ENOSPC')) giveUp(`${what} failed: the disk is full.`, 6);
  return giveUp(`${what} failed; what it said is above.`);
}

function ending(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Installs what the lock file names, unless it is there. No install scripts are run: nothing here needs them. */
export async function install() {
  if (isInstalled()) return;
  const release = await takeTurn();
  try {
    if (isInstalled()) return;
    const npm = basename(process.env.npm_execpath ?? '').startsWith('npm') ? [process.execPath, process.env.npm_execpath] : ['npm'];
    const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
    await runQuietly('Installing packages', [...npm, 'ci', ...flags], process.env);
  } finally {
    release();
  }
}

/** Of two that begin at once in one clone, one installs and the other waits for it. */
async function takeTurn() {
  const path = join(root, '.nx/installing');
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + installWithinMs;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isHeld(path) || Date.now() > deadline) rmSync(path, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function isHeld(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    // Without a number it has just been made, or its maker was killed in that moment.
    return pid > 0 || Date.now() - statSync(path).mtimeMs < 5_000;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The environment of nx: none of its variables from outside, for they change what it runs; no daemon, no cloud. */
function nxEnvironment() {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_') && !['CI', 'NODE_ENV', 'NODE_OPTIONS'].includes(name));
  return {
    ...Object.fromEntries(inherited),
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
    NX_TUI: 'false',
    // Nx would share its cache among all clones below ~/.nx, and a fresh clone would not be one.
    NX_CACHE_DIRECTORY: join(root, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(root, '.nx/workspace-data'),
    NX_NATIVE_FILE_CACHE_DIRECTORY: join(root, '.nx/native'),
  };
}

function nxCommand(args) {
  const folder = join(root, 'node_modules/nx');
  const { bin } = readJson(join(folder, 'package.json'));
  return [process.execPath, join(folder, bin.nx), ...args];
}

/** Builds the projects, showing only what goes wrong. */
export function build(projects) {
  return runQuietly('Building', nxCommand(['run-many', '-t', 'build', '-p', projects.join(','), '--outputStyle=static']), nxEnvironment());
}

/** Runs nx in view of the person at the terminal and returns its exit code. */
export function nx(args) {
  const [program, ...rest] = nxCommand(args);
  return ending(spawn(program, rest, { cwd: root, env: nxEnvironment(), stdio: ['ignore', 'inherit', 'inherit'] }));
}
