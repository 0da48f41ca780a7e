import { canonicalJson } from '@annals/contracts';
import { MAX_DATA_BYTES, type StoredEvent } from '@annals/event-store';
import type { IHeaders, Message } from 'kafkajs';

/** What a record says beside its event. */
export interface RecordPlace {
  readonly logId: string;
  /** Position of the record before it on this partition, 0 for the first: where another was read last, something is missing. */
  readonly previous: number;
  /** The place up to which the broker had acknowledged every event of the topic when this record was sent. */
  readonly acknowledged: { readonly position: number; readonly eventId: string | null };
}

/** A record of a topic, as it was in the log. */
export interface EventRecord extends RecordPlace {
  readonly event: StoredEvent;
}

/** A record is not one that a relay of this system writes. The message says why, and holds nothing of its value. */
export class NotOfTheLog extends Error {
  override readonly name = 'NotOfTheLog';
}

/** Members of the envelope that travel as attributes of their own; `source` is taken by CloudEvents for something else. */
const ATTRIBUTES = {
  format: 'format', actor: 'actor', department: 'department', source: 'origin', occurredAt: 'time', precision: 'precision', zone: 'zone',
  effectiveAt: 'effectiveat', commandId: 'commandid', fingerprint: 'fingerprint', correlationId: 'correlationid', causationId: 'causationid',
  traceparent: 'traceparent',
} as const;

/** Those whose values are no texts, and travel as canonical JSON. */
const AS_JSON = new Set<string>(['format', 'actor', 'source']);
/** What else the envelope holds, so that nothing of it is lost whatever it will hold one day. */
const REST = 'envelope';

/**
 * An event as a record: CloudEvents 1.0 in Kafka's binary mode (cloudevents/spec, kafka-protocol-binding.md, section 3.2).
 * The value is the stored data, byte for byte; the envelope is in the attributes, and nothing of it is left out.
 */
export function recordOf(event: StoredEvent, { logId, previous, acknowledged }: RecordPlace): Message {
  const { data } = event;
  return {
    key: event.stream,
    value: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: `urn:uuid:${logId}`,
      ce_type: event.type,
      ce_typeversion: String(event.version),
      ce_subject: event.stream,
      ce_position: String(event.position),
      ce_revision: String(event.revision),
      ce_recordedat: String(event.recordedAt),
      ce_logid: logId,
      ce_previous: String(previous),
      ce_acknowledged: String(acknowledged.position),
      ...(acknowledged.eventId !== null && { ce_acknowledgedid: acknowledged.eventId }),
      ...envelopeHeaders(event.metadata),
    },
  };
}

function envelopeHeaders(metadata: Uint8Array): Record<string, string> {
  const envelope = JSON.parse(textOf(metadata)) as Record<string, unknown>;
  const headers: Record<string, string> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(envelope)) {
    const attribute = attributeOf(name);
    const isJson = AS_JSON.has(name);
    if (attribute === undefined || (!isJson && typeof value !== 'string')) rest[name] = value;
    else headers[`ce_${attribute}`] = isJson ? canonicalJson(value) : String(value);
  }
  if (Object.keys(rest).length > 0) headers[`ce_${REST}`] = canonicalJson(rest);
  return headers;
}

const attributeOf = (name: string): string | undefined => (Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name as keyof typeof ATTRIBUTES] : undefined);

/** What was received of a record. */
export interface ReceivedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders | undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STREAM = /^[a-z]{1,32}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9]{0,99}$/;
/** Below 2^53, which the log's own numbers never reach. */
const WHOLE = /^\d{1,15}$/;
const COUNTED = /^[1-9]\d{0,14}$/;

/**
 * The event of a record, with the bytes that the log holds.
 *
 * @throws NotOfTheLog
 */
export function eventOf({ key, value, headers = {} }: ReceivedRecord): EventRecord {
  if (key === null) throw new NotOfTheLog('it has no key');
  if (value === null) throw new NotOfTheLog('it has no value');
  if (value.byteLength > MAX_DATA_BYTES) throw new NotOfTheLog('it is larger than an event can be');
  const attribute = (name: string, form: RegExp): string => {
    const text = headerText(headers, `ce_${name}`);
    if (text === undefined) throw new NotOfTheLog(`it has no ce_${name}`);
    if (!form.test(text)) throw new NotOfTheLog(`its ce_${name} is not what it must be`);
    return text;
  };
  const whole = (name: string): number => Number(attribute(name, WHOLE));
  const counted = (name: string): number => Number(attribute(name, COUNTED));
  const stream = attribute('subject', STREAM);
  if (key.toString('utf8') !== stream) throw new NotOfTheLog('its key is not its stream');
  const event: StoredEvent = {
    id: attribute('id', UUID),
    type: attribute('type', TYPE),
    version: counted('typeversion'),
    stream,
    revision: whole('revision'),
    position: counted('position'),
    recordedAt: whole('recordedat'),
    data: value,
    metadata: envelopeOf(headers),
  };
  const acknowledgedId = headerText(headers, 'ce_acknowledgedid');
  return {
    event,
    logId: attribute('logid', UUID),
    previous: whole('previous'),
    acknowledged: { position: whole('acknowledged'), eventId: acknowledgedId === undefined ? null : attribute('acknowledgedid', UUID) },
  };
}

function envelopeOf(headers: IHeaders): Buffer {
  const envelope: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const text = headerText(headers, `ce_${attribute}`);
    if (text !== undefined) envelope[name] = AS_JSON.has(name) ? jsonOf(text, attribute) : text;
  }
  const rest = headerText(headers, `ce_${REST}`);
  if (rest === undefined) return Buffer.from(canonicalJson(envelope));
  const more = jsonOf(rest, REST);
  if (typeof more !== 'object' || more === null || Array.isArray(more)) throw new NotOfTheLog(`its ce_${REST} is not an object`);
  return Buffer.from(canonicalJson({ ...envelope, ...more }));
}

function jsonOf(text: string, attribute: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotOfTheLog(`its ce_${attribute} is not JSON`);
  }
}

/** A header once and as text; kafkajs gives bytes, and a list where it occurs more than once. */
function headerText(headers: IHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined || typeof value === 'string') return value;
  if (Array.isArray(value)) throw new NotOfTheLog(`it has more than one ${name}`);
  return value.toString('utf8');
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
