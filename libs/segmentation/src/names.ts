import { SegmentationError } from './errors.js';
import type { Model } from './train.js';

/** A text in the languages that segments are named in. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** What to say of customers who have much, or little, of a feature: `{high: {en: 'frequent', zh: '常购'}, low: ...}`. */
export interface FeatureWords {
  readonly high: Words;
  readonly low: Words;
}

/** A centroid this many standard deviations from the population's mean is worth a word. */
const TELLING = 0.5;
/** Words in a name: two where they tell the segments apart, else three. */
const FEW = 2;
const MANY = 3;
/** Longest phrase of one feature, so that no name exceeds 100 characters. */
const MAX_PHRASE = 30;
const AVERAGE: Words = { en: 'average', zh: '一般' };

/**
 * Proposes a name for each segment: the features in which its centroid is farthest from the population's mean (a
 * scaled centroid says just that), in the caller's words; 'Average' where it is far in none. Names are different
 * from each other, by a number if need be, and at most 100 characters long.
 *
 * @param words - phrases by feature, each at most 30 characters; a feature without phrases is not spoken of
 * @returns one name a segment, in the order of the centroids
 * @throws SegmentationError `input-invalid` for a phrase that is empty or too long
 */
export function proposeNames(
  model: Pick<Model, 'features' | 'centroids'>,
  words: Readonly<Record<string, FeatureWords>>,
): Words[] {
  checkWords(words);
  const phrases = model.centroids.map((centroid) => phrasesOf(centroid, model.features, words));
  const short = phrases.map((all) => name(all.slice(0, FEW)));
  const longer = phrases.map((all, segment) =>
    short.some((other, i) => i !== segment && other.en === short[segment]?.en) ? name(all.slice(0, MANY)) : name(all.slice(0, FEW)),
  );
  const en = numbered(longer.map((each) => each.en));
  const zh = numbered(longer.map((each) => each.zh));
  return en.map((text, segment) => ({ en: text, zh: zh[segment] ?? '' }));
}

function checkWords(words: Readonly<Record<string, FeatureWords>>): void {
  for (const [feature, { high, low }] of Object.entries(words)) {
    for (const phrase of [high.en, high.zh, low.en, low.zh]) {
      if (phrase.length > 0 && phrase.length <= MAX_PHRASE) continue;
      throw new SegmentationError('input-invalid', `A phrase for ${feature} must have 1 to ${MAX_PHRASE} characters.`);
    }
  }
}

/** The most telling first; equally telling ones in the order of the features. */
function phrasesOf(centroid: readonly number[], features: readonly string[], words: Readonly<Record<string, FeatureWords>>): Words[] {
  return centroid
    .map((value, column) => ({ value, words: words[features[column] ?? ''] }))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .flatMap(({ value, words: either }) => {
      if (!either || Math.abs(value) < TELLING) return [];
      return [value > 0 ? either.high : either.low];
    });
}

function name(phrases: readonly Words[]): Words {
  const said = phrases.length > 0 ? phrases : [AVERAGE];
  const en = said.map((phrase) => phrase.en).join(', ');
  return { en: en.charAt(0).toUpperCase() + en.slice(1), zh: said.map((phrase) => phrase.zh).join('、') };
}

/** Puts 2, 3, ... after the second and further ones of the same name. */
function numbered(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((text) => {
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 1 ? text : `${text} ${times}`;
  });
}
