// `npm test`: installs what is missing, then lints, builds, checks types and runs every test there is.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, install, nx, root } from './bootstrap.mjs';

const runFile = join(root, '.nx/cache/run.json');

/** Each project's name and where its results lie; a project is a folder with a package.json. */
function resultFiles() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent)).map((name) => join(parent, name));
  });
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({ name: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).name, path: join(root, folder, '.results/tests.json') }));
}

function readResults({ name, path }) {
  if (!existsSync(path)) return { name, passed: 0, failed: 0, skipped: 0 };
  const results = JSON.parse(readFileSync(path, 'utf8'));
  return {
    name,
    passed: results.numPassedTests,
    // A suite that could not even be loaded has no tests to fail.
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/** Lint, build and type errors, and test runs that broke without a failing test, count as one failure each. */
function brokenTasks(results) {
  if (!existsSync(runFile)) return ['nx itself'];
  const { tasks } = JSON.parse(readFileSync(runFile, 'utf8'));
  const isCounted = ({ target, projectName }) => target === 'test' && results.some(({ name, failed }) => name === projectName && failed > 0);
  return tasks.filter((task) => task.status !== 0 && !isCounted(task)).map(({ taskId }) => taskId);
}

checkNode();
await install();
rmSync(runFile, { force: true });
for (const { path } of resultFiles()) rmSync(path, { force: true });
const code = await nx(['run-many', '-t', 'lint,build,typecheck,test', '--nxBail=false', '--outputStyle=static']);
const all = resultFiles().map(readResults);
const sum = (name) => all.reduce((total, results) => total + results[name], 0);
const broken = code === 0 ? [] : brokenTasks(all);
for (const task of broken) process.stdout.write(`failed: ${task}\n`);
const failed = Math.max(sum('failed') + broken.length, code === 0 ? 0 : 1);
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped\n`);
