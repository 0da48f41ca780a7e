import { children, readableForm } from '@annals/contracts';
import { z } from 'zod';

import { CommandFailed, exitCodes } from '../exit-codes.js';

type Schema = Parameters<typeof children>[0];
type Json = z.core.util.JSONType;
type Step = string | number;

/** How deep, and how far along a list, a path may lead: what the contracts hold, with room. */
const MAX_STEPS = 12;
const MAX_INDEX = 5_000;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const target = z.union([z.string(), z.looseObject({ path: z.string() }), z.null()]);
/** The content of the file of `--map`: columns, and under `*` what every record says. */
export const columnMap = z.record(z.string(), z.json());

/** Where the cells of one column go. */
export interface Column {
  readonly name: string;
  /** Undefined where the column is left out. */
  readonly steps?: readonly Step[];
  readonly kind?: CellKind;
  /** What else is said beside the cell, wherever the cell is not empty. */
  readonly beside: readonly (readonly [readonly Step[], Json])[];
}

type CellKind = 'text' | 'number' | 'boolean' | 'json';

/** How the rows of a file become commands. */
export interface Mapping {
  readonly columns: readonly Column[];
  readonly constants: readonly (readonly [readonly Step[], Json])[];
}

/** A column that `refusedFile` adds: a file of refused rows can be put right and imported as it is. */
export const REASON_COLUMN = 'refused-because';

/** `contactPoints[0].raw` as steps. @throws CommandFailed */
export function stepsOf(path: string): Step[] {
  const steps = path.split(/\.|(?=\[)/).map((step) => {
    const [, index] = /^\[(\d+)\]$/.exec(step) ?? [];
    return index === undefined ? step : Number(index);
  });
  const isFine = (step: Step): boolean => (typeof step === 'number' ? step < MAX_INDEX : /^[^[\].]+$/.test(step) && !FORBIDDEN.has(step));
  if (steps.length > MAX_STEPS || typeof steps[0] === 'number' || !steps.every(isFine)) throw wrong(`"${path}" is no path like name.full or contactPoints[0].raw`);
  return steps;
}

const wrong = (what: string): CommandFailed => new CommandFailed(`${what}. See annals import --help.`, exitCodes.usage);

/**
 * What each column of a file means.
 *
 * @param header - the names of the columns
 * @param map - of `--map`; without one the names are paths themselves
 * @param id - the column of the records' ids
 * @throws CommandFailed for a name that stands twice, a path that the contract has not, a column nobody mapped
 */
export function mappingOf(header: readonly string[], map: z.infer<typeof columnMap> | undefined, contract: Schema, id?: string): Mapping {
  checkNames(header, Object.keys(map ?? {}), id);
  const isOwn = (name: string): boolean => name === REASON_COLUMN || (name === id && map?.[name] === undefined);
  const columns = header.map((name): Column => (isOwn(name) ? { name, beside: [] } : columnOf(name, map, contract)));
  return { columns, constants: constantsOf(map?.['*'] ?? {}, contract) };
}

function checkNames(header: readonly string[], mapped: readonly string[], id: string | undefined): void {
  header.forEach((name, at) => {
    if (header.indexOf(name) !== at) throw wrong(`Two columns are called "${name}"`);
  });
  for (const name of mapped) {
    if (name !== '*' && !header.includes(name)) throw wrong(`The map names a column "${name}", which the file has not`);
  }
  if (id !== undefined && !header.includes(id)) throw wrong(`The file has no column "${id}", which --id names`);
}

function columnOf(name: string, map: z.infer<typeof columnMap> | undefined, contract: Schema): Column {
  const { success, data: to } = target.safeParse(map === undefined ? name : map[name]);
  if (!success) throw wrong(`The map does not say what column "${name}" is: a path, {"path": ..., ...}, or null to leave it out`);
  if (to === null) return { name, beside: [] };
  const { path, ...others } = typeof to === 'string' ? { path: to } : to;
  const steps = stepsOf(path);
  const beside = Object.entries(others).map(([key, value]) => [[...steps.slice(0, -1), key], value as Json] as const);
  for (const [besideSteps] of beside) kindAt(contract, besideSteps, path);
  return { name, steps, kind: kindAt(contract, steps, path), beside };
}

function constantsOf(given: Json, contract: Schema): Mapping['constants'] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong('Under "*" the map has an object of paths and their values');
  return Object.entries(given).map(([path, value]) => {
    const steps = stepsOf(path);
    kindAt(contract, steps, path);
    return [steps, value] as const;
  });
}

/** What a cell is at this place of the contract. @throws CommandFailed where the contract has no such place */
function kindAt(contract: Schema, steps: readonly Step[], path: string): CellKind {
  let found: Schema[] = [contract];
  for (const step of steps) {
    found = found.flatMap((schema) => below(schema)).flatMap((schema) => children(schema).flatMap(([name, child]) => (name === '*' || name === step ? [child] : [])));
    if (found.length === 0) throw wrong(`The contract has no field "${path}"`);
  }
  const kinds = new Set(found.flatMap((schema) => below(schema)).map(leafKind));
  const [kind = 'text'] = kinds;
  return kinds.size === 1 ? kind : 'text';
}

/** A schema without what only says that it may be absent, or is one of several. */
function below(schema: Schema): Schema[] {
  const readable = readableForm(schema);
  const inner = children(readable).filter(([step]) => step === undefined);
  return inner.length === 0 ? [readable] : inner.flatMap(([, child]) => below(child));
}

function leafKind(schema: Schema): CellKind {
  const { type } = schema._zod.def;
  if (type === 'number' || type === 'int') return 'number';
  if (type === 'boolean') return 'boolean';
  return ['object', 'array', 'record'].includes(type) ? 'json' : 'text';
}

/** The command that a row says; an empty cell says nothing. A cell that is not what its place needs is left as it is, for the contract to refuse. */
export function commandOf({ columns, constants }: Mapping, fields: readonly string[]): Record<string, Json> {
  const command: Record<string, Json> = {};
  for (const [steps, value] of constants) put(command, steps, value);
  columns.forEach(({ steps, kind, beside }, index) => {
    const cell = fields[index] ?? '';
    if (steps === undefined || cell === '') return;
    for (const [besideSteps, value] of beside) put(command, besideSteps, value);
    put(command, steps, valueOf(cell, kind));
  });
  return closed(command) as Record<string, Json>;
}

function valueOf(cell: string, kind: CellKind = 'text'): Json {
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(cell)) return Number(cell);
  if (kind === 'boolean' && /^(true|false)$/.test(cell)) return cell === 'true';
  if (kind !== 'json') return cell;
  try {
    return JSON.parse(cell) as Json;
  } catch {
    return cell;
  }
}

function put(target: Record<string, Json>, steps: readonly Step[], value: Json): void {
  let at = target as Record<Step, Json>;
  steps.slice(0, -1).forEach((step, index) => {
    const known = at[step];
    const next = typeof known === 'object' && known !== null ? known : typeof steps[index + 1] === 'number' ? [] : {};
    at[step] = next;
    at = next as Record<Step, Json>;
  });
  at[steps.at(-1) ?? ''] = structuredClone(value);
}

/** Lists without the gaps that empty cells leave. */
function closed(value: Json): Json {
  if (Array.isArray(value)) return value.filter((member) => member !== undefined).map(closed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, closed(member)]));
}

/** The column that a fault of the command lies in, as far as one can be named. */
export function columnAt({ columns }: Mapping, pointer: string): string | undefined {
  const isAt = ({ steps }: Column): boolean => steps !== undefined && `/${steps.join('/')}` === pointer;
  return columns.find(isAt)?.name;
}
