import { Erased, ERASED } from '@annals/contracts';

/**
 * An erased field as it stands in a view: a state is kept as JSON, from which the marker comes back as a
 * plain object.
 */
export function isErased(value: unknown): value is Erased {
  return value instanceof Erased || (typeof value === 'object' && value !== null && 'erased' in value && value.erased === true);
}

/** The first characters of a text, never half of one; an erased text stays erased. */
export function firstCharacters(text: string | Erased, most: number): string | Erased {
  if (isErased(text)) return ERASED;
  const cut = text.slice(0, most);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
