/** Text that is markup already. */
export class Html {
  constructor(readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What a template may hold: texts are escaped, `Html` is not, lists are joined, nothing is nothing. */
export type Holding = Html | string | number | undefined | null | false | readonly Holding[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function written(value: Holding): string {
  if (value instanceof Html) return value.markup;
  if (value === undefined || value === null || value === false) return '';
  return typeof value === 'object' ? value.map(written).join('') : escaped(String(value));
}

/**
 * Writes HTML. Whatever is put into the template is escaped, for an element's content and for a quoted attribute
 * alike, so that no text of a customer becomes markup.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Holding[]): Html {
  return new Html(parts.map((part, index) => part + (index < values.length ? written(values[index]) : '')).join(''));
}
