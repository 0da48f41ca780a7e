import { canonicalJson } from '@annals/contracts';

/** One value that a field was given, and from when it holds; null takes a value away. */
interface Entry {
  readonly from: string;
  readonly value: unknown;
}

/** All values that fields were given, by field, in the order in which they hold; of two from one instant, the later recorded is last. */
export type Registers = ReadonlyMap<string, readonly Entry[]>;

/** The registers with more values, from one instant on. A value from earlier never overwrites a newer one. */
export function withValues(registers: Registers, values: Readonly<Record<string, unknown>>, from: string): Registers {
  const changed = new Map(registers);
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const entries = changed.get(field) ?? [];
    const place = entries.findLastIndex((entry) => entry.from <= from) + 1;
    changed.set(field, entries.toSpliced(place, 0, { from, value }));
  }
  return changed;
}

/** Whether the field has this value at an instant already; a field without values has null. */
export function holds(registers: Registers, field: string, value: unknown, at: string): boolean {
  const held = registers.get(field)?.findLast((entry) => entry.from <= at)?.value ?? null;
  return canonicalJson(held) === canonicalJson(value);
}

/** What the field has in the end. */
export function latest(registers: Registers, field: string): unknown {
  return registers.get(field)?.at(-1)?.value ?? null;
}

/** How many fields of a group (`tags`: all of `tags/...`) have a value in the end. */
export function countOf(registers: Registers, group: string): number {
  return [...registers.keys()].filter((field) => field.startsWith(`${group}/`) && latest(registers, field) !== null).length;
}
