import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';

import { logCommunication, recordTransaction, registerCustomer } from '@annals/contracts';
import { z } from 'zod';

import { columnAt, commandOf, mappingOf, type columnMap, type Mapping } from './mapping.js';
import { readRows, type RowFile } from './read-rows.js';
import { NotText } from './text.js';

/** What can be imported, by name. */
export const contracts = { customers: registerCustomer, communications: logCommunication, transactions: recordTransaction } as const;

export type RecordKind = keyof typeof contracts;

/** References are kept to find the same one twice; a longer file is to be divided. */
const MAX_ROWS = 1_000_000;
const MAX_REASON = 500;

const referenced = z.object({ reference: z.object({ system: z.string(), id: z.string() }) });

/** What a file of records is read by. */
export interface Reading extends RowFile {
  readonly kind: RecordKind;
  /** The source system that the references of the records name. */
  readonly source: string;
  /** The column that holds a record's id in that system. */
  readonly id: string | undefined;
  readonly map: z.infer<typeof columnMap> | undefined;
  /** What the file is called, whatever path it is read from. */
  readonly name: string;
}

/** A row of the file. */
export interface Row {
  readonly line: number;
  readonly fields: readonly string[];
  readonly text?: string;
}

/** A row that is a record. */
export interface FileRecord {
  readonly row: Row;
  readonly id: string;
  readonly command: Readonly<Record<string, unknown>>;
}

/** A row that is none. */
export interface RefusedRow {
  readonly row: Row;
  readonly reason: string;
}

/** Makes commands of a file's rows, and refuses those that the contract does not take. */
export class Records {
  header: readonly string[] = [];
  readonly importId = randomUUID();
  #mapping: Mapping | undefined;

  constructor(private readonly reading: Reading) {}

  /** Reads the file from its beginning. @throws NotText, CommandFailed, and Node's errors about the file */
  async *read(): AsyncGenerator<(FileRecord | RefusedRow)[]> {
    const seen = new Map<string, number>();
    const { format, map, kind } = this.reading;
    for await (const { header, rows } of readRows(this.reading)) {
      this.header = header;
      if (format === 'csv') this.#mapping ??= mappingOf(header, map, contracts[kind], this.reading.id);
      yield rows.map(({ fault, ...row }) => (fault === undefined ? this.#unique(this.#record(row), seen) : { row, reason: fault }));
      if (seen.size > MAX_ROWS) throw new NotText(`it has more than ${MAX_ROWS.toLocaleString('en-GB')} records; divide it`);
    }
  }

  /** The reason for a fault at a place of the command, with the name of the column that it is in. */
  reason(pointer: string, detail: string): string {
    const column = this.#mapping && columnAt(this.#mapping, pointer);
    return `${column === undefined ? '' : `column "${column}", `}${pointer || 'the record'}: ${detail}`.slice(0, MAX_REASON);
  }

  #unique(found: FileRecord | RefusedRow, seen: Map<string, number>): FileRecord | RefusedRow {
    if ('reason' in found) return found;
    const before = seen.get(found.id);
    if (before !== undefined) return { row: found.row, reason: `${this.reason('/reference/id', 'stands in line')} ${before} already` };
    seen.set(found.id, found.row.line);
    return found;
  }

  #record(row: Row): FileRecord | RefusedRow {
    const said = this.#mapping ? commandOf(this.#mapping, row.fields) : parsed(row.fields[0] ?? '');
    if (said === undefined) return { row, reason: 'is not a JSON object' };
    const command = { ...said, reference: said['reference'] ?? this.#reference(row) };
    const checked = contracts[this.reading.kind].safeParse(command);
    const reference = referenced.safeParse(command);
    if (!checked.success) return { row, reason: this.#fault(checked.error) };
    if (!reference.success) return { row, reason: this.reason('/reference', 'is missing') };
    const { system, id } = reference.data.reference;
    if (system !== this.reading.source) return { row, reason: this.reason('/reference/system', `is not ${this.reading.source}, which --source names`) };
    return { row, id, command: this.#sourced(command, id, row.line) };
  }

  #fault({ issues: [issue] }: z.ZodError): string {
    const pointer = (issue?.path ?? []).map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    return this.reason(pointer, issue?.message ?? 'is not what the contract asks for');
  }

  /** The id of the row's own column, or the row: both are the same when the file is imported again. */
  #reference({ line, fields }: Row): { system: string; id: string } {
    const { source, id, name } = this.reading;
    return { system: source, id: id === undefined ? `${name}:${line}` : (fields[this.header.indexOf(id)] ?? '') };
  }

  #sourced(command: Readonly<Record<string, unknown>>, recordId: string, line: number): Record<string, unknown> {
    const meta = { source: { system: this.reading.source, recordId, importId: this.importId }, ...(command['meta'] as object | undefined) };
    return { ...command, meta, key: `${this.importId}:${line}` };
  }
}

/** What a file is called in the references of rows without an id of their own. */
export const nameOf = (path: string): string => basename(path).replace(/\.gz$/, '');

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
