import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const defaultLimit = 5 * 1024 * 1024;

/**
 * A log on the disk of at most two files: `path`, and `path.1` with what came before.
 *
 * When the disk is full, text is dropped and counted rather than kept in memory.
 */
export class LogFile {
  /** Where it lies. */
  readonly path: string;
  readonly #limit: number;
  #file: number | undefined;
  #size: number;
  #dropped = 0;

  /**
   * @param path - made when absent, with mode 0600; appended to otherwise
   * @param limit - bytes of one file
   */
  constructor(path: string, limit: number = defaultLimit) {
    this.path = path;
    this.#limit = limit;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#file = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#file).size;
  }

  /** How many writes were lost because the disk did not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  write(text: string): void {
    if (this.#file === undefined) return;
    try {
      if (this.#size >= this.#limit) this.#file = this.#rotate(this.#file);
      this.#size += writeSync(this.#file, text);
    } catch {
      this.#dropped += 1;
    }
  }

  /** Ends the log; what a dying process still says is no longer kept. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #rotate(full: number): number {
    renameSync(this.path, `${this.path}.1`);
    const next = openSync(this.path, 'a', 0o600);
    closeSync(full);
    this.#size = 0;
    return next;
  }
}
