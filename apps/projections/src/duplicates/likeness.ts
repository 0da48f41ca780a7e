import type { PossibleDuplicate } from '@annals/contracts';

import { folded } from '../customers/search-forms.js';

type Likeness = PossibleDuplicate['reasons'][number];

/** What customers may have alike, as one text: codes hold no space. */
export const likenessText = (of: Likeness['of'], code: string): string => `${of} ${code}`;

/** The same as it is shown. */
export function likenessOf(text: string): Likeness {
  const cut = text.indexOf(' ');
  const code = text.slice(cut + 1);
  return text.slice(0, cut) === 'reference' ? { of: 'reference', system: code } : { of: 'contact-point', kind: code };
}

/** A reference's id without what is written in several ways: case, width, spaces, zeros before it. */
export function referenceForm(id: string): string {
  return folded(id).replaceAll(/\s+/g, '').replace(/^0+(?=.)/, '');
}
