import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';

/** One measured figure: the runs in the order in which they were made. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly runs: readonly number[];
}

/** What a benchmark set out to reach. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  /** The bound, with its direction: `>= 15`, `< 50`. */
  readonly goal: string;
  readonly met: boolean;
}

/** What a benchmark returns. */
export interface Result {
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which a share of the values lies (nearest rank). */
export function percentile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** A goal that a value must reach. */
export function atLeast(name: string, value: number, bound: number): Goal {
  return { name, value, goal: `>= ${bound}`, met: value >= bound };
}

/** A goal that a value must stay below. */
export function below(name: string, value: number, bound: number): Goal {
  return { name, value, goal: `< ${bound}`, met: value < bound };
}

const shown = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

/** Prints the result as a table and, where a file is named, writes it as JSON. */
export async function report(bench: string, result: Result, file: string | undefined): Promise<void> {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory: totalmem() };
  process.stdout.write(`${bench}: Node ${machine.node}, ${machine.cores} x ${machine.cpu}\n`);
  for (const { name, unit, runs } of result.rows) {
    const range = `${shown(Math.min(...runs))} - ${shown(Math.max(...runs))}`;
    process.stdout.write(`  ${name.padEnd(52)} ${shown(median(runs)).padStart(9)} ${unit.padEnd(9)} (${range})\n`);
  }
  for (const { name, value, goal, met } of result.goals) {
    process.stdout.write(`  ${met ? 'met   ' : 'missed'} ${name}: ${shown(value)} (goal ${goal})\n`);
  }
  if (file !== undefined) await writeFile(file, `${JSON.stringify({ bench, machine, ...result }, null, 2)}\n`);
}
