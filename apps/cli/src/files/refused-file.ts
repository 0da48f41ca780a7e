import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

import { failureOf } from '../failure.js';
import { REASON_COLUMN } from './mapping.js';
import type { RefusedRow } from './records.js';

/**
 * The refused rows of a run, in a file that only its owner may read: as CSV they can be put right and imported from
 * there. It gets its name when it is whole, and there is none where nothing was refused.
 */
export class RefusedFile {
  count = 0;
  /** The first of them, for the terminal. */
  readonly first: { readonly line: number; readonly reason: string }[] = [];
  #file: WriteStream | undefined;
  #failure: Error | undefined;

  constructor(
    readonly path: string,
    private readonly listed: number,
    private readonly format: 'csv' | 'ndjson',
  ) {}

  async add(header: readonly string[], { row, reason }: RefusedRow): Promise<void> {
    this.count++;
    if (this.first.length < this.listed) this.first.push({ line: row.line, reason });
    const file = (this.#file ??= this.#begun(header));
    if (this.#failure) throw this.#inWords(this.#failure);
    const cells = row.text === undefined ? row.fields : [row.text];
    const line = this.format === 'csv' ? rowOf(header, cells, `line ${row.line}: ${reason}`) : JSON.stringify({ line: row.line, reason, text: cells[0] });
    if (file.write(`${line}\n`)) return;
    await once(file, 'drain').catch((error: unknown) => {
      throw this.#inWords(error);
    });
  }

  /** Gives the file its name. */
  async end(): Promise<void> {
    if (this.#file === undefined) return;
    try {
      this.#file.end();
      await finished(this.#file);
      await rename(this.#draft, this.path);
    } catch (error) {
      throw this.#inWords(error);
    }
    this.#file = undefined;
  }

  /** Removes what is not complete, where the run ended before its end. */
  async close(): Promise<void> {
    if (this.#file === undefined) return;
    this.#file.destroy();
    await rm(this.#draft, { force: true });
  }

  get #draft(): string {
    return `${this.path}.part`;
  }

  /** Names the file that could not be written, since the one that is imported is not at fault. */
  #inWords(error: unknown): unknown {
    return failureOf(error, `The refused rows cannot be written to ${this.path}`);
  }

  #begun(header: readonly string[]): WriteStream {
    const file = createWriteStream(this.#draft, { mode: 0o600 });
    file.on('error', (error) => (this.#failure = error));
    if (this.format === 'csv') file.write(`${rowOf(header, header.filter((name) => name !== REASON_COLUMN), REASON_COLUMN)}\n`);
    return file;
  }
}

/** A row in the columns of the file it came from, with the reason last. */
function rowOf(header: readonly string[], cells: readonly string[], reason: string): string {
  const others = header.flatMap((name, index) => (name === REASON_COLUMN ? [] : [cells[index] ?? '']));
  return [...others, reason].map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
