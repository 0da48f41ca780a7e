import { identify, isRunning, nameOf, parentOf, type ProcessIdentity } from './processes.js';

const everyMs = 500;
const shells = ['sh', 'dash', 'bash'];

/**
 * Calls `gone` when the npm that started us ends without telling: killed, it would leave Annals running with
 * nobody to end it. npm runs scripts through a shell, which may have put itself between.
 *
 * @returns a function that stops watching
 */
export function watchNpm(gone: () => void): () => void {
  const watched = npmAbove();
  if (watched.length === 0) return () => undefined;
  const timer = setInterval(() => {
    if (watched.every(isRunning)) return;
    clearInterval(timer);
    gone();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function npmAbove(): ProcessIdentity[] {
  if (process.env['npm_lifecycle_event'] === undefined) return [];
  const parent = identify(process.ppid);
  if (parent === undefined) return [];
  const above = shells.includes(nameOf(parent.pid) ?? '') ? identify(parentOf(parent.pid) ?? 0) : undefined;
  return above === undefined ? [parent] : [parent, above];
}
