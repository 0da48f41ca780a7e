import type { FeatureWords } from '@annals/segmentation';

/** What is known of one customer, in the units of the log. */
export interface Figures {
  readonly customer: string;
  /** Department of the last dealing. */
  readonly department: string;
  /** When the last dealing was: milliseconds since the epoch. */
  readonly lastAt: number;
  readonly invoices: number;
  /** In minor units of the model's currency. */
  readonly billedMinor: number;
  readonly communications: number;
}

/** What a feature is: its definition, unit and window. */
export interface Feature {
  /** In words, for documentation and for the answer of the API. */
  readonly definition: string;
  readonly unit: string;
  /** @param asOf - milliseconds since the epoch */
  readonly value: (figures: Figures, asOf: number) => number;
  readonly words: FeatureWords;
}

const DAY_MS = 86_400_000;

const words = (high: [en: string, zh: string], low: [en: string, zh: string]): FeatureWords => ({
  high: { en: high[0], zh: high[1] },
  low: { en: low[0], zh: low[1] },
});

/** The currency's place in `billed-<currency>`. */
const BILLED = 'billed-';

/** All features but the billed sum, whose name holds a currency. All are integers, over the whole history. */
const FEATURES: Readonly<Record<string, Feature>> = {
  'recency-days': {
    definition: 'days from the last dealing (invoice, credit note, adjustment or communication) to the moment of training; 0 for later ones',
    unit: 'days',
    value: ({ lastAt }, asOf) => Math.max(0, Math.floor((asOf - lastAt) / DAY_MS)),
    words: words(['long away', '久未往来'], ['recent', '近期往来']),
  },
  frequency: {
    definition: 'invoices that are not cancelled',
    unit: 'invoices',
    value: ({ invoices }) => invoices,
    words: words(['frequent', '常购'], ['occasional', '偶购']),
  },
  communications: {
    definition: 'communications that the customer is a subject of',
    unit: 'communications',
    value: ({ communications }) => communications,
    words: words(['talkative', '多沟通'], ['quiet', '少沟通']),
  },
};

const billed: Feature = {
  definition: 'sum of invoices, credit notes and adjustments that are not cancelled, in the one currency in which most customers are billed',
  unit: 'minor units',
  value: ({ billedMinor }) => billedMinor,
  words: words(['big spender', '高消费'], ['small spender', '低消费']),
};

/** The features that a training uses, in order. */
export function featureNames(currency: string): string[] {
  return ['recency-days', 'frequency', `${BILLED}${currency.toLowerCase()}`, 'communications'];
}

/** @throws RangeError for a name that no training gave */
export function featureNamed(name: string): Feature {
  const feature = name.startsWith(BILLED) ? billed : FEATURES[name];
  if (feature === undefined) throw new RangeError(`there is no feature named ${name}`);
  return feature;
}

/** The currency of a model's billed sum, as figures have to be read for it. */
export function currencyOf(names: readonly string[]): string {
  return (names.find((name) => name.startsWith(BILLED)) ?? '').slice(BILLED.length).toUpperCase();
}

/** One customer's row of a matrix. */
export function valuesOf(figures: Figures, names: readonly string[], asOf: number): number[] {
  return names.map((name) => featureNamed(name).value(figures, asOf));
}

/** Words for every feature of a model, from which names of segments are made. */
export function wordsOf(names: readonly string[]): Record<string, FeatureWords> {
  return Object.fromEntries(names.map((name) => [name, featureNamed(name).words]));
}
