import { foldStreams, type ReadModel } from '@annals/read-models';
import type { Identities } from '@annals/sealing';

import { matchingStep, type DigestOf, type MatchingChange, type MatchingState } from './matching.projection.js';
import { CommunicationRow, OwnerRow, SightingRow, SuggestionRow } from './matching.table.js';
import { writeMatching } from './matching.write.js';

/** The name of the tables' schema. */
export const MATCHING = 'matching';

/** Which addresses belong to which customers, and in which communications they were used. */
export function matchingReadModel(identities: Identities): ReadModel {
  return {
    name: MATCHING,
    version: 2,
    events: [
      'CustomerRegistered',
      'ContactPointAdded',
      'ContactPointRemoved',
      'CommunicationLogged',
      'CommunicationAmended',
      'CommunicationLinked',
      'CommunicationUnlinked',
      'CommunicationMatchDismissed',
      'CommunicationRetracted',
    ],
    opensAddresses: true,
    entities: [OwnerRow, SightingRow, CommunicationRow, SuggestionRow],
    apply: foldStreams<MatchingState, MatchingChange>({ step: matchingStep(digestWith(identities)), write: writeMatching }),
  };
}

/** The first 128 bits of the address's HMAC, in the form of a UUID. */
function digestWith(identities: Identities): DigestOf {
  return ({ kind, raw, normalised }) => {
    const form = normalised ?? raw;
    if (typeof form !== 'string') return undefined;
    const hex = identities.addressDigest(kind, form).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  };
}
