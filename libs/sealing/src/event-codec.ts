import { catalogue as everyEvent, type Catalogue, type RecordedEvent } from '@annals/contracts';

import { UnreadableEvent, type EventCodec } from './codec.js';
import { decodeEach } from './decode.js';
import { encode } from './encode.js';
import type { Identities } from './identities.js';
import type { KeyStore } from './key-store.js';
import { knownEvents } from './known-events.js';

/** What a codec stands on. */
export interface EventCodecParts {
  readonly identities: Identities;
  readonly keys: KeyStore;
  /** Every event of the contracts by default. */
  readonly catalogue?: Catalogue;
}

/**
 * The codec between events and the bytes that the log keeps; docs/adr/0005-sealed-fields.md has their layout.
 *
 * @throws TypeError for a catalogue whose personal fields cannot be told apart
 */
export function createEventCodec({ identities, keys, catalogue = everyEvent }: EventCodecParts): EventCodec {
  const parts = { identities, keys, events: knownEvents(catalogue) };
  return {
    encode: (stream, events, metadata) => encode(parts, stream, events, metadata),
    decodeEach: (events, options) => decodeEach(parts, events, options),
    decode: async (events) =>
      (await decodeEach(parts, events)).map((event): RecordedEvent => {
        if (event instanceof UnreadableEvent) throw event;
        return event;
      }),
  };
}
