import type { Lines } from './csv-lines.js';

/** How far a quoted field may run over line ends before its quote counts as never closed. */
const LIMITS: RowLimits = { lines: 100, length: 65_536 };

/** How much one row may hold. */
export interface RowLimits {
  readonly lines: number;
  /** In UTF-16 code units. */
  readonly length: number;
}

/** One row of a CSV file. */
export interface CsvRow {
  /** The line of the file that it begins on; the first is 1. */
  readonly line: number;
  /** As many as there are columns; where there is a fault, what stands before the first comma. */
  readonly fields: readonly string[];
  /** Why the row cannot be read. */
  readonly fault?: string;
  /** The row as it stands in the file, where there is a fault. */
  readonly text?: string;
}

const UNCLOSED = 'a quote is not closed';
const MISPLACED = 'a quote stands where none may stand';
const NOT_UTF8 = 'a byte is not UTF-8';

/** The fields of a row with quotes in it, as RFC 4180 has them; or what is wrong with it. */
function quotedFields(text: string): string[] | string {
  const fields: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const found = text[from] === '"' ? quotedField(text, from) : plainField(text, from);
    if (typeof found === 'string') return found;
    if (found.end < text.length && text[found.end] !== ',') return MISPLACED;
    fields.push(found.field);
    from = found.end + 1;
  }
  return fields;
}

/** The fields of one line by itself; undefined where its quotes are wrong. */
export function fieldsOf(line: string): readonly string[] | undefined {
  const fields = quotedFields(withoutReturn(line));
  return typeof fields === 'string' ? undefined : fields;
}

interface Field {
  readonly field: string;
  /** Where the comma after it stands, or the row ends. */
  readonly end: number;
}

function quotedField(text: string, from: number): Field | string {
  const close = closingQuote(text, from + 1);
  return close < 0 ? UNCLOSED : { field: text.slice(from + 1, close).replaceAll('""', '"'), end: close + 1 };
}

function plainField(text: string, from: number): Field | string {
  const end = unquotedEnd(text, from);
  const field = text.slice(from, end);
  return field.includes('"') ? MISPLACED : { field, end };
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function unquotedEnd(text: string, from: number): number {
  const comma = text.indexOf(',', from);
  return comma < 0 ? text.length : comma;
}

function hasOddQuotes(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}

const withoutReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text);

/**
 * Splits lines into rows of a CSV file (RFC 4180) with a known number of columns. A row that cannot be read is
 * given with its fault, and reading goes on at the next line: one bad row costs no other.
 */
export class CsvRows {
  #pending: string[] = [];
  #line: number;
  #wellFormed = true;

  constructor(
    private readonly columns: number,
    private readonly limits: RowLimits = LIMITS,
    firstLine = 1,
  ) {
    this.#line = firstLine;
  }

  /** The rows that are whole by now. A row whose quoted field may go on in later lines waits for them. */
  next(lines: Lines): CsvRow[] {
    this.#wellFormed = lines.wellFormed && (this.#pending.length === 0 || this.#wellFormed);
    const texts = this.#pending.length > 0 ? [...this.#pending, ...lines.texts] : lines.texts;
    return this.#split(texts, false);
  }

  /** The rows left at the end of the file. */
  end(): CsvRow[] {
    return this.#split(this.#pending, true);
  }

  #split(texts: string[], final: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    let at = 0;
    while (at < texts.length) {
      const used = this.#row(texts, at, final, rows);
      if (used === 0) break;
      at += used;
      this.#line += used;
    }
    this.#pending = texts.slice(at);
    return rows;
  }

  /** Adds the row that begins at a line, and says how many lines it took; 0 where its end is not there yet. */
  #row(texts: string[], at: number, final: boolean, rows: CsvRow[]): number {
    const text = withoutReturn(texts[at] ?? '');
    if (text === '') return 1;
    if (text.length > this.limits.length) {
      rows.push(this.#checked(text, `is longer than ${this.limits.length} characters`));
      return 1;
    }
    const fields = text.includes('"') ? quotedFields(text) : text.split(',');
    if (fields === UNCLOSED) return this.#longRow(texts, at, final, rows);
    rows.push(this.#checked(text, fields));
    return 1;
  }

  /** The same for a row with a quote that is open at the end of its first line. */
  #longRow(texts: string[], at: number, final: boolean, rows: CsvRow[]): number {
    const used = this.#linesToClose(texts, at, final);
    if (used === 0) return 0;
    const text = withoutReturn(texts.slice(at, at + used).join('\n'));
    const fields = quotedFields(text);
    // What closes the quote but makes no row of the right size belongs to other rows.
    const isRow = typeof fields !== 'string' && fields.length === this.columns;
    rows.push(isRow ? this.#checked(text, fields) : this.#checked(withoutReturn(texts[at] ?? ''), UNCLOSED));
    return isRow ? used : 1;
  }

  /** Where the open quote may close: 1 where it does not within the bounds, 0 where that is not known yet. */
  #linesToClose(texts: string[], at: number, final: boolean): number {
    let length = texts[at]?.length ?? 0;
    for (let used = 2; used <= this.limits.lines; used++) {
      const text = texts[at + used - 1];
      if (text === undefined) return final ? 1 : 0;
      length += text.length;
      if (length > this.limits.length) return 1;
      if (hasOddQuotes(text)) return used;
    }
    return 1;
  }

  #checked(text: string, fields: string[] | string): CsvRow {
    const line = this.#line;
    const fault = this.#fault(fields);
    if (fault === undefined && typeof fields !== 'string') return { line, fields };
    return { line, fields: [text.slice(0, unquotedEnd(text, 0))], fault: fault ?? MISPLACED, text };
  }

  #fault(fields: string[] | string): string | undefined {
    if (typeof fields === 'string') return fields;
    if (fields.length !== this.columns) return `has ${fields.length} fields, not ${this.columns}`;
    if (!this.#wellFormed && fields.some((field) => field.includes('\ufffd'))) return NOT_UTF8;
    return undefined;
  }
}
