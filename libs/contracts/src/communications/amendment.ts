import type { z } from 'zod';

import type { amendedFields, communicationLogged } from './events.js';

/** What a communication says, as it was logged or as it stands after its amendments. */
export type CommunicationContent = Omit<z.infer<typeof communicationLogged>, 'subjects' | 'reference'>;
/** `amendedFields` parsed. */
export type AmendedFields = z.infer<typeof amendedFields>;

/** A communication's content as it stands, and for each amended field from when its value holds. Plain JSON data. */
export interface StandingContent {
  readonly content: CommunicationContent;
  readonly since: Readonly<Partial<Record<keyof AmendedFields, string>>>;
}

/**
 * The content after one more amendment of the same stream, in the order of its revisions. An amendment that holds
 * from earlier than another never overwrites it: platforms report edits in any order.
 *
 * @param effectiveAt - from when the amendment holds; what was logged gives way to every amendment
 */
export function amendContent(standing: StandingContent, changed: AmendedFields, effectiveAt: string): StandingContent {
  const since = { ...standing.since };
  const content: Record<string, unknown> = { ...standing.content };
  for (const [name, value] of Object.entries(changed)) {
    const field = name as keyof AmendedFields;
    if (value === undefined || effectiveAt < (since[field] ?? '')) continue;
    since[field] = effectiveAt;
    if (value === null) delete content[field];
    else content[field] = value;
  }
  return { content: content as CommunicationContent, since };
}
