import type { Metadata } from '@annals/contracts';

/** A value, from when it holds (milliseconds since the epoch), and the position of the event that set it. */
export type Register<T> = readonly [value: T, effectiveAt: number, position: number];

/** What a register is written with: part of any recorded event. */
interface Written {
  readonly position: number;
  readonly metadata: Pick<Metadata, 'effectiveAt'>;
}

/**
 * A last-writer-wins register: the value that holds from later wins, whenever it was recorded; of two that
 * hold from the same moment, the one recorded later.
 */
export function written<T>(register: Register<T> | undefined, value: T, { position, metadata }: Written): Register<T> {
  const effectiveAt = Date.parse(metadata.effectiveAt);
  if (register === undefined) return [value, effectiveAt, position];
  const [, since, at] = register;
  return effectiveAt > since || (effectiveAt === since && position > at) ? [value, effectiveAt, position] : register;
}
