import { Injectable, UnsupportedMediaTypeException, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { Ndjson } from './ndjson.js';

/** One thing that is wrong with what a caller sent, and where: an RFC 6901 JSON pointer. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

const MAX_FAULTS = 100;
const MAX_TEXT = 1_000;

/** What a caller sent is not what the contract asks for. The only error that is answered with 400. */
export class ContractBroken extends Error {
  override readonly name = 'ContractBroken';
  constructor(readonly faults: readonly Fault[]) {
    super('the request is not what the contract asks for');
  }
}

/** Writes a path as an RFC 6901 JSON pointer: `['a/b', 0]` is `/a~1b/0`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * Parses a value by a contract.
 *
 * @param at - steps before the pointer, where the value is not the body: `['query']`
 * @throws ContractBroken with a pointer for each fault, at most 100
 */
export function parseContract<S extends z.ZodType>(schema: S, value: unknown, at: readonly string[] = []): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, at));
  // Two rules of one field may say the same of it.
  const distinct = new Map(faults.map((each) => [`${each.pointer} ${each.detail}`, each]));
  throw new ContractBroken([...distinct.values()].slice(0, MAX_FAULTS));
}

function faultsOf(issue: z.core.$ZodIssue, before: readonly PropertyKey[]): Fault[] {
  const path = [...before, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => fault([...path, key], 'is not a field of this contract'));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return readableBranch(issue.errors).flatMap((inner) => faultsOf(inner, path));
  }
  if (issue.code === 'invalid_key') return [fault(path, issue.issues[0]?.message ?? issue.message)];
  return [fault(path, issue.message)];
}

/** Of a union's alternatives the one that the caller most likely meant: the fewest faults, and the deepest. */
function readableBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const depth = (branch: readonly z.core.$ZodIssue[]): number => Math.max(0, ...branch.map((issue) => issue.path.length));
  const [best = []] = [...branches].sort((a, b) => a.length - b.length || depth(b) - depth(a));
  return best;
}

function fault(path: readonly PropertyKey[], detail: string): Fault {
  return { pointer: jsonPointer(path).slice(0, MAX_TEXT), detail: detail.slice(0, MAX_TEXT) };
}

/** Holds every argument of a route that declares a schema to it: `@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`. */
@Injectable()
export class ContractPipe implements PipeTransform {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType)) return value;
    if (value instanceof Ndjson) throw new UnsupportedMediaTypeException('This route takes application/json.');
    if (type === 'body') return parseContract(schema, value);
    const where = type === 'param' ? 'path' : type;
    return parseContract(schema, value, data === undefined ? [where] : [where, data]);
  }
}
