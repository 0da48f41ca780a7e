import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { CommandFailed } from '../exit-codes.js';
import { MANIFEST, type BackupFile } from './manifest.js';

/** A file holds so much of its text before it is packed, and one record more. */
const FILE_BYTES = 16 * 1024 * 1024;

const pack = promisify(gzip);

/** One set of a backup: files of bounded size that only their owner may read, and a manifest that is written last. */
export class SetWriter {
  readonly files: BackupFile[] = [];
  #lines: string[] = [];
  #bytes = 0;

  private constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {}

  /** @throws CommandFailed where the folder holds anything */
  static async begin(folder: string, name: string): Promise<SetWriter> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const there = await readdir(folder);
    if (there.includes(MANIFEST)) throw new CommandFailed(`${folder} holds a backup already, which is never written over: name a new folder.`);
    if (there.length > 0) throw new CommandFailed(`${folder} is not empty and has no ${MANIFEST}: what was begun there was cut off, or still goes on. Remove it, or name another folder.`);
    return new SetWriter(folder, name);
  }

  async add(record: object): Promise<void> {
    const line = JSON.stringify(record);
    this.#lines.push(line);
    this.#bytes += line.length + 1;
    if (this.#bytes >= FILE_BYTES) await this.#cut();
  }

  /** Adds a file as it is. */
  async addFile(name: string, bytes: Uint8Array, records = 0): Promise<void> {
    await writeDurably(join(this.folder, name), bytes);
    this.files.push({ name, sha256: createHash('sha256').update(bytes).digest('hex'), records });
  }

  /** Makes a set of what was written. */
  async end(manifest: object): Promise<void> {
    await this.#cut();
    await writeDurably(join(this.folder, MANIFEST), `${JSON.stringify({ ...manifest, files: this.files }, undefined, 2)}\n`);
  }

  /** Takes away what was written, and its manifest first: half a set is none, and would be in the way of the next. */
  async discard(): Promise<void> {
    for (const name of [MANIFEST, ...this.files.map((file) => file.name)]) await rm(join(this.folder, name), { force: true });
    await rmdir(this.folder);
  }

  async #cut(): Promise<void> {
    if (this.#lines.length === 0) return;
    const records = this.#lines.length;
    const number = String(this.files.length + 1).padStart(6, '0');
    const packed = await pack(this.#lines.map((line) => `${line}\n`).join(''));
    this.#lines = [];
    this.#bytes = 0;
    await this.addFile(`${this.name}-${number}.ndjson.gz`, packed, records);
  }
}

/** Writes a file of mode 0600 that is whole and on the disk when this resolves, or is not there under its name. */
export async function writeDurably(path: string, bytes: string | Uint8Array): Promise<void> {
  const draft = `${path}.part`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
