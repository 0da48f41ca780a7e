import { MultiBar, Presets, type SingleBar } from 'cli-progress';

const PLAIN_LINE_EVERY_MS = 2_000;
/** A hundredth of the work must be done before the time left is told. */
const WORTH_TELLING = 100;

/** Where a command writes: results on standard output, everything else on standard error. */
export interface Streams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** How far a piece of work has come. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

function seconds(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const whole = Math.ceil(value);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-GB');

/** The terminal of one command. */
export class Terminal {
  readonly #streams: Streams;
  #bars: MultiBar | undefined;

  constructor(
    streams: Streams,
    readonly json: boolean,
  ) {
    this.#streams = streams;
  }

  /** A result: `value` as JSON where that was asked for, else `text`. */
  result(value: unknown, text: string): void {
    this.#streams.out.write(`${this.json ? JSON.stringify(value, null, 2) : text}\n`);
  }

  /** Something worth knowing meanwhile. */
  note(text: string): void {
    if (this.#bars) this.#bars.log(`${text}\n`);
    else this.#streams.err.write(`${text}\n`);
  }

  /**
   * Shows how a piece of work goes on: a bar with rate and time left on a terminal, plain lines elsewhere.
   *
   * @param unit - what is counted, in the plural
   */
  progress(label: string, total: number, unit: string): Progress {
    const started = performance.now();
    const figures = (done: number) => {
      const rate = done / Math.max((performance.now() - started) / 1_000, 0.001);
      // The first few say nothing of the others: connections are being made, and caches filled.
      const isKnown = done * WORTH_TELLING >= total;
      return { rate: count(rate), left: isKnown ? seconds((total - done) / rate) : '-' };
    };
    return this.#streams.err.isTTY === true ? this.#bar(label, total, unit, figures) : this.#lines(label, total, unit, figures);
  }

  #bar(label: string, total: number, unit: string, figures: (done: number) => { rate: string; left: string }): Progress {
    const format = `{label} {bar} {percentage}% | {value} of {total} ${unit} | {rate}/s | {left} left`;
    this.#bars ??= new MultiBar({ format, stream: this.#streams.err, hideCursor: true, fps: 5 }, Presets.shades_classic);
    const bar: SingleBar = this.#bars.create(total, 0, { label: label.padEnd(14), ...figures(0) });
    return {
      update: (done) => bar.update(done, figures(done)),
      stop: () => this.#stopBars(),
    };
  }

  #stopBars(): void {
    this.#bars?.stop();
    this.#bars = undefined;
  }

  #lines(label: string, total: number, unit: string, figures: (done: number) => { rate: string; left: string }): Progress {
    let last = performance.now();
    const write = (done: number): void => {
      const { rate, left } = figures(done);
      this.#streams.err.write(`${label}: ${count(done)} of ${count(total)} ${unit}, ${rate}/s, ${left} left\n`);
    };
    return {
      update: (done) => {
        if (performance.now() - last < PLAIN_LINE_EVERY_MS) return;
        last = performance.now();
        write(done);
      },
      stop: () => undefined,
    };
  }
}
