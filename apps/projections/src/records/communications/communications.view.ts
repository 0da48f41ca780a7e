import type { CommunicationSummary } from '@annals/contracts';

import { firstCharacters } from '../../erased.js';
import { conversationId } from '../../timeline/timeline.projection.js';
import type { FoundRecord } from '../records.queries.js';
import type { CommunicationState } from '../records.state.js';

const SHOWN_CHARACTERS = 200;

/** One row of a list of communications. */
export function communicationOf({ id, revision, state: text, nameOf }: FoundRecord): CommunicationSummary {
  // The text was written by foldStreams, from a CommunicationState.
  const { department, reference, standing: { content }, links, retracted } = JSON.parse(text) as CommunicationState;
  const { medium, direction, purpose, startedAt, conversation, parts } = content;
  const words = parts[0]?.text;
  return {
    id,
    department,
    reference,
    revision,
    medium,
    direction,
    purpose,
    startedAt,
    ...optionalOf(content),
    text: words === undefined ? null : firstCharacters(words, SHOWN_CHARACTERS),
    conversation: conversation === undefined ? null : { ...conversation, id: conversationId(conversation) },
    customers: links.map(({ customer, as }) => ({ id: customer, as, name: nameOf(customer) })),
    retracted,
  };
}

type Optional = Pick<CommunicationSummary, 'platform' | 'disposition' | 'answeredAt' | 'endedAt' | 'title'>;

function optionalOf({ platform, disposition, answeredAt, endedAt, title }: CommunicationState['standing']['content']): Optional {
  return { platform: platform ?? null, disposition: disposition ?? null, answeredAt: answeredAt ?? null, endedAt: endedAt ?? null, title: title ?? null };
}
