import { isUtf8 } from 'node:buffer';
import type { KeyObject } from 'node:crypto';

import { ERASED, FORMAT, metadata as metadataSchema, type Metadata, type RecordedEvent } from '@annals/contracts';
import type { StoredEvent } from '@annals/event-store';

import { UnreadableEvent, type OpenOptions } from './codec.js';
import { faultsOf } from './faults.js';
import type { KeyStore } from './key-store.js';
import type { KnownEvent, KnownVersion } from './known-events.js';
import { personalSites, type Container, type PersonalSite } from './personal-sites.js';
import { BrokenSeal, storedField, unseal } from './sealed-field.js';

/** What decoding stands on. */
export interface DecoderParts {
  readonly keys: KeyStore;
  readonly events: ReadonlyMap<string, KnownEvent>;
}

/** Why one event cannot be read; becomes an `UnreadableEvent`. Says nothing of the data's values. */
class Unreadable extends Error {}

interface SealedSite {
  readonly site: PersonalSite;
  readonly key: string;
  readonly sealed: string;
}

/** An event whose fields are found and not opened yet. */
interface Draft {
  readonly event: StoredEvent;
  readonly known: KnownEvent;
  readonly version: KnownVersion;
  readonly metadata: Metadata;
  readonly data: Container;
  readonly sealed: readonly SealedSite[];
}

/** See `EventCodec.decodeEach`. */
export async function decodeEach(
  { keys, events: known }: DecoderParts,
  events: readonly StoredEvent[],
  { addresses = true }: OpenOptions = {},
): Promise<(RecordedEvent | UnreadableEvent)[]> {
  const drafts = events.map((event) => orUnreadable(event, () => draftOf(event, known, addresses)));
  const ids = new Set<string>();
  for (const draft of drafts) {
    if (!(draft instanceof UnreadableEvent)) for (const { key } of draft.sealed) ids.add(key);
  }
  const found: ReadonlyMap<string, KeyObject> = ids.size === 0 ? new Map() : await keys.byIds([...ids]);
  return drafts.map((draft) =>
    draft instanceof UnreadableEvent ? draft : orUnreadable(draft.event, () => recorded(draft, found)),
  );
}

function orUnreadable<T>(event: StoredEvent, read: () => T): T | UnreadableEvent {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return new UnreadableEvent(event, error.message);
    throw error;
  }
}

function draftOf(event: StoredEvent, known: ReadonlyMap<string, KnownEvent>, addresses: boolean): Draft {
  const definition = known.get(event.type);
  if (definition === undefined) throw new Unreadable('its type is unknown');
  const version = definition.versions[event.version - 1];
  if (version === undefined) throw new Unreadable('its version is newer than this code');
  const metadata = metadataOf(event);
  const data = jsonObject(event.data, 'data');
  const sealed = version.plan ? sealedSites(personalSites(version.plan, data), addresses) : [];
  return { event, known: definition, version, metadata, data, sealed };
}

function metadataOf(event: StoredEvent): Metadata {
  const value = jsonObject(event.metadata, 'metadata');
  if (value['format'] !== FORMAT) throw new Unreadable(`its format is ${String(value['format'])}, and this code reads ${FORMAT}`);
  const parsed = metadataSchema.safeParse(value);
  if (!parsed.success) throw new Unreadable(`its metadata is not valid: ${faultsOf(parsed.error)}`);
  return parsed.data;
}

function jsonObject(bytes: Uint8Array, what: string): Container {
  if (!isUtf8(bytes)) throw new Unreadable(`its ${what} is not UTF-8`);
  let value: unknown;
  try {
    value = JSON.parse(utf8Of(bytes));
  } catch {
    // The parser's own message quotes the text.
    throw new Unreadable(`its ${what} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable(`its ${what} is not an object`);
  return value as Container;
}

const utf8Of = (bytes: Uint8Array): string => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('utf8');

/** The fields to open; those stored as erased, and those that stay closed, are marked so at once. */
function sealedSites(sites: readonly PersonalSite[], addresses: boolean): SealedSite[] {
  const sealed: SealedSite[] = [];
  for (const site of sites) {
    const field = storedField(site.container[site.step]);
    if (field === undefined) throw new Unreadable(`${site.pointer} is personal and not sealed`);
    if ('sealed' in field && (addresses || site.holder !== 'address')) sealed.push({ site, ...field });
    else site.container[site.step] = ERASED;
  }
  return sealed;
}

function recorded({ event, known, version, metadata, data, sealed }: Draft, keys: ReadonlyMap<string, KeyObject>): RecordedEvent {
  const { type, stream, revision, position, id, recordedAt } = event;
  for (const field of sealed) field.site.container[field.site.step] = opened(field, event, keys.get(field.key));
  const parsed = version.schema.safeParse(data);
  if (!parsed.success) throw new Unreadable(`its data is not valid: ${faultsOf(parsed.error)}`);
  const newest = version === known.newest ? parsed.data : upcast(known, version, parsed.data);
  return { type, data: newest, stream, revision, position, id, recordedAt, metadata } as RecordedEvent;
}

function opened({ site: { pointer }, key: keyId, sealed }: SealedSite, { stream, id }: StoredEvent, key: KeyObject | undefined): unknown {
  if (key === undefined) return ERASED;
  try {
    return unseal(sealed, key, { stream, eventId: id, pointer, keyId });
  } catch (error) {
    if (error instanceof BrokenSeal) throw new Unreadable(`the seal of ${pointer} is broken: ${error.message}`);
    throw error;
  }
}

/** Version by version, up to the newest; what comes out is checked, so that no reader meets a slip of an upcaster. */
function upcast({ versions, newest }: KnownEvent, from: KnownVersion, data: unknown): unknown {
  let current = data;
  for (const next of versions.slice(from.version)) {
    try {
      current = next.upcast?.(current);
    } catch {
      throw new Unreadable(`bringing it to version ${next.version} failed`);
    }
  }
  const parsed = newest.schema.safeParse(current);
  if (!parsed.success) throw new Unreadable(`brought to version ${newest.version} it is not valid: ${faultsOf(parsed.error)}`);
  return parsed.data;
}
