import { daysIn } from '@annals/contracts';
import { html, type Html } from './html.js';

/** A personal field whose key was destroyed, as answers have it. */
const isErased = (value: unknown): boolean => typeof value === 'object' && value !== null && 'erased' in value && value.erased === true;

/** A personal text, or a word that says why it is not there. */
export function personalText(value: unknown): Html | string {
  if (isErased(value)) return html`<span class="erased">erased</span>`;
  return typeof value === 'string' ? value : '';
}

/** What a customer is called; one without a name is called by a reference, else by its id. */
export function nameOf(customer: {
  readonly id: string;
  readonly name: unknown;
  readonly references: readonly { readonly system: string; readonly id: string }[];
}): Html | string {
  const { name, references } = customer;
  if (isErased(name)) return personalText(name);
  if (typeof name === 'object' && name !== null && 'full' in name) return personalText(name.full);
  const [reference] = references;
  return reference === undefined ? `Customer ${customer.id.slice(0, 8)}` : `${reference.system}:${reference.id}`;
}

/** Minor units with their currency, `£1,234.50`. */
export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** A whole number with separators. */
export const count = (value: number): string => value.toLocaleString('en-GB');

/** A code as words: `credit-note` is "credit note". */
export const words = (code: string): string => code.replaceAll('-', ' ');

/** An instant as a clock in the deployment's zone shows it. */
export class Clock {
  readonly #format: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;

  /**
   * When a day begins in the zone.
   *
   * @param day - `2011-12-09`, counted on by `plus` days
   * @returns undefined where the text is no day
   */
  readonly startOf: (day: string, plus?: number) => string | undefined;

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' });
    this.#date = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'medium' });
    this.startOf = daysIn(zone);
  }

  time(instant: string): Html {
    return html`<time datetime="${instant}">${this.#format.format(Date.parse(instant))}</time>`;
  }

  date(instant: string): Html {
    return html`<time datetime="${instant}">${this.#date.format(Date.parse(instant))}</time>`;
  }
}

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

/** `GB` is "United Kingdom". */
export const countryName = (code: string): string => regions.of(code) ?? code;

/** `zh-Hans` is "Simplified Chinese". */
export const languageName = (tag: string): string => languages.of(tag) ?? tag;
