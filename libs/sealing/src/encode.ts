import { Erased, canonicalJson, categoryOf, exact, metadata as metadataSchema, type Metadata } from '@annals/contracts';
import type { Event } from '@annals/kernel';

import type { Encoded } from './codec.js';
import { faultsOf } from './faults.js';
import type { Identities } from './identities.js';
import { addressHolder, streamHolder, type HeldKey, type KeyStore } from './key-store.js';
import type { KnownEvent } from './known-events.js';
import { personalSites, type Container, type PersonalSite } from './personal-sites.js';
import { seal, type SealPlace, type StoredField } from './sealed-field.js';

/** An event or its envelope is not what the contracts say: the fault of the code that made it. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
}

/** What encoding stands on. */
export interface EncoderParts {
  readonly identities: Identities;
  readonly keys: KeyStore;
  readonly events: ReadonlyMap<string, KnownEvent>;
}

interface Draft {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** A copy of the event's data, whose personal fields are about to be replaced. */
  readonly data: Container;
  readonly fields: readonly Field[];
}

interface Field {
  readonly site: PersonalSite;
  /** Undefined where the value is said to be erased already: then no key is asked for. */
  readonly holder: string | undefined;
}

const exactMetadata = exact(metadataSchema);

/** See `EventCodec.encode`. */
export async function encode(
  { identities, keys, events: known }: EncoderParts,
  stream: string,
  events: readonly Event[],
  metadata: Metadata,
): Promise<Encoded> {
  const envelope = Buffer.from(canonicalJson(checkedMetadata(metadata)));
  const holderOf = holdersIn(stream, identities);
  const drafts = events.map(({ type, data }, index): Draft => {
    const definition = known.get(type);
    if (definition?.category !== categoryOf(stream)) throw new InvalidEvent(`a ${type} cannot be written to ${stream}`);
    const copy = checkedData(type, definition, data);
    const sites = definition.newest.plan ? personalSites(definition.newest.plan, copy) : [];
    return {
      id: identities.eventId(metadata.commandId, stream, index),
      type,
      version: definition.newest.version,
      data: copy,
      // All holders before the first field is replaced: an address is found by its fields.
      fields: sites.map((site) => ({ site, holder: isErased(site) ? undefined : holderOf(site) })),
    };
  });
  const holders = new Set(drafts.flatMap(({ fields }) => fields.flatMap(({ holder }) => holder ?? [])));
  const held = holders.size === 0 ? new Map<string, HeldKey>() : await keys.forHolders([...holders]);
  const erased = drafts.flatMap((draft, index) => sealFields(stream, draft, held).map((pointer) => `/${index}${pointer}`));
  return {
    events: drafts.map(({ id, type, version, data }) => ({
      id,
      type,
      version,
      data: Buffer.from(canonicalJson(data)),
      metadata: envelope,
    })),
    erased,
  };
}

function checkedMetadata(metadata: Metadata): Metadata {
  const checked = exactMetadata.safeParse(metadata);
  if (!checked.success) throw new InvalidEvent(`the envelope is not valid: ${faultsOf(checked.error)}`);
  return checked.data;
}

function checkedData(type: string, { exact: schema }: KnownEvent, data: unknown): Container {
  const checked = schema.safeParse(data);
  if (!checked.success) throw new InvalidEvent(`a ${type} is not valid: ${faultsOf(checked.error)}`);
  // Parsing makes new objects and arrays all the way down, so that these may be changed.
  return checked.data as Container;
}

/** Seals the fields in place. @returns pointers of those whose key was destroyed */
function sealFields(stream: string, { id: eventId, fields }: Draft, held: ReadonlyMap<string, HeldKey>): string[] {
  const erased: string[] = [];
  for (const { site, holder } of fields) {
    const { container, step, pointer } = site;
    const owner = holder === undefined ? undefined : held.get(holder);
    if (owner === undefined && holder !== undefined) throw new Error(`the key store gave no key for a field of ${stream}`);
    if (owner && owner.key === undefined) erased.push(pointer);
    container[step] = stored(container[step], owner, { stream, eventId, pointer });
  }
  return erased;
}

function stored(value: unknown, owner: HeldKey | undefined, place: Omit<SealPlace, 'keyId'>): StoredField {
  if (owner === undefined) return { erased: true };
  const { id, key } = owner;
  return key === undefined ? { erased: true, key: id } : { key: id, sealed: seal(value, key, { ...place, keyId: id }) };
}

function isErased({ container, step }: PersonalSite): boolean {
  return container[step] instanceof Erased;
}

/** Finds who holds a field's key. A contact point's digest is made once for all its fields. */
function holdersIn(stream: string, identities: Identities): (site: PersonalSite) => string {
  const own = streamHolder(stream);
  const known = new Map<Container, string>();
  return ({ container, holder }) => {
    if (holder === 'stream') return own;
    const contact = contactPointOf(container) ?? contactPointOf(container['address']);
    if (contact === undefined) return own;
    const found = known.get(contact.at) ?? addressHolder(identities.addressDigest(contact.kind, contact.form));
    known.set(contact.at, found);
    return found;
  };
}

function contactPointOf(value: unknown): { at: Container; kind: string; form: string } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const at = value as Container;
  const { kind, raw, normalised } = at;
  const form = typeof normalised === 'string' ? normalised : raw;
  return typeof kind === 'string' && typeof form === 'string' ? { at, kind, form } : undefined;
}
