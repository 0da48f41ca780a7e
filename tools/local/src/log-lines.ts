const maxPending = 64 * 1024;
const most = 5;
const windowMs = 10_000;
const warning = 40;
const levels: Readonly<Record<string, number>> = { warn: 40, error: 50, fatal: 60 };

/**
 * Reads a service's log lines (JSON, one each) as they come in pieces and reports warnings and errors,
 * at most five in ten seconds: the whole log is in its file.
 */
export class LineReader {
  readonly #name: string;
  readonly #report: (line: string) => void;
  #pending = '';
  #windowFrom = Number.NEGATIVE_INFINITY;
  #reported = 0;

  constructor(name: string, report: (line: string) => void) {
    this.#name = name;
    this.#report = report;
  }

  push(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = (lines.pop() ?? '').slice(0, maxPending);
    for (const line of lines) this.#read(line);
  }

  #read(line: string): void {
    const notice = noticeIn(line);
    if (notice === undefined) return;
    const now = performance.now();
    if (now - this.#windowFrom > windowMs) {
      this.#windowFrom = now;
      this.#reported = 0;
    }
    this.#reported += 1;
    if (this.#reported <= most) this.#report(`${this.#name}: ${notice}`);
    if (this.#reported === most + 1) this.#report(`${this.#name}: more such lines are in its log`);
  }
}

/** The message of a warning or of something worse; undefined for every other line. */
function noticeIn(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    // What Nest itself reports stands under a name of its own.
    const { level, msg, nest } = JSON.parse(line) as { level?: unknown; msg?: unknown; nest?: unknown };
    const rank = typeof level === 'number' ? level : levels[String(level)];
    return rank !== undefined && rank >= warning ? String(msg ?? nest ?? 'no message').slice(0, 300) : undefined;
  } catch {
    // A line that is no JSON is not ours to judge; it is in the file.
    return undefined;
  }
}
