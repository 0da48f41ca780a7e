import { canonicalJson } from '@annals/contracts';
import type { StoredEvent } from '@annals/event-store';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IHeaders } from 'kafkajs';

import { eventOf, NotOfTheLog, recordOf, type ReceivedRecord, type RecordPlace } from './record.js';

const bytes = (value: unknown): Buffer => Buffer.from(canonicalJson(value));
const word = fc.stringMatching(/^[a-z]{1,8}$/);
const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((each) => each.isWellFormed() && !each.includes('\u0000'));
const uuid = fc.uuid();

const envelope = fc.record(
  {
    format: fc.constant(1), actor: fc.record({ id: text, kind: word, assurance: word }), department: text, source: fc.record({ system: word, recordId: text }),
    occurredAt: text, precision: word, zone: text, effectiveAt: text, commandId: uuid, fingerprint: text, correlationId: uuid, causationId: uuid, traceparent: text,
    // What an envelope may hold one day.
    position: fc.integer(), later: fc.dictionary(word, text), acknowledged: text,
  },
  { requiredKeys: [] },
);

const stored = fc.record({ id: uuid, stream: uuid, revision: fc.nat(), position: fc.integer({ min: 1, max: 999_999_999_999_999 }), version: fc.integer({ min: 1, max: 9 }), envelope, data: fc.dictionary(word, text) }).map(
  ({ envelope: metadata, data, stream, ...rest }): StoredEvent => ({ ...rest, type: 'CommunicationLogged', stream: `communication-${stream}`, recordedAt: 1_772_000_000_000, data: bytes(data), metadata: bytes(metadata) }),
);
const placed = fc.record({ logId: uuid, previous: fc.nat(), acknowledged: fc.oneof(fc.constant({ position: 0, eventId: null }), fc.record({ position: fc.nat(), eventId: uuid })) });

/** A record as a broker hands it out: everything is bytes. */
function received(event: StoredEvent, place: RecordPlace): ReceivedRecord & { readonly headers: IHeaders } {
  const { key, value, headers = {} } = recordOf(event, place);
  const asBytes = Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, Buffer.from(String(header))]));
  return { key: Buffer.from(String(key)), value: Buffer.from(value ?? ''), headers: asBytes };
}

const plain = (event: StoredEvent): object => ({ ...event, data: Buffer.from(event.data), metadata: Buffer.from(event.metadata) });

describe('an event as a record of Kafka', () => {
  it('comes out as it went in, byte for byte, whatever its envelope holds', () => {
    fc.assert(
      fc.property(stored, placed, (event, place) => {
        const back = eventOf(received(event, place));
        expect(plain(back.event)).toEqual(plain(event));
        expect({ logId: back.logId, previous: back.previous, acknowledged: back.acknowledged }).toEqual(place);
      }),
    );
  });

  const event: StoredEvent = {
    id: '0192d3a0-0000-7000-8000-00000000000a', stream: 'communication-0192d3a0-0000-7000-8000-000000000001', revision: 0, position: 7, version: 1,
    type: 'CommunicationLogged', recordedAt: 1_772_000_000_000, data: bytes({ medium: 'voice' }), metadata: bytes({ format: 1, occurredAt: '2026-03-03T10:00:00.000Z' }),
  };
  const place = { logId: '0192d3a0-0000-7000-8000-00000000000f', previous: 3, acknowledged: { position: 2, eventId: event.id } };

  it('is a CloudEvent in binary mode', () => {
    const { headers = {}, key, value } = recordOf(event, place);
    expect(headers).toMatchObject({
      'content-type': 'application/json', ce_specversion: '1.0', ce_id: event.id, ce_source: `urn:uuid:${place.logId}`, ce_type: 'CommunicationLogged',
      ce_time: '2026-03-03T10:00:00.000Z', ce_subject: event.stream, ce_position: '7', ce_previous: '3',
    });
    expect([key, value]).toEqual([event.stream, event.data]);
    // Names of attributes are lower-case letters and digits (CloudEvents 1.0, section 3.1).
    for (const name of Object.keys(headers)) expect(name).toMatch(/^(?:content-type|ce_[a-z0-9]{1,20})$/);
  });

  it.each([
    ['without a key', { key: null }, 'it has no key'],
    ['without a value', { value: null }, 'it has no value'],
    ['with the key of another stream', { key: Buffer.from('customer-1') }, 'its key is not its stream'],
    ['without headers', { headers: undefined }, 'it has no ce_subject'],
  ])('is not one of the log %s', (_, change, reason) => {
    expect(() => eventOf({ ...received(event, place), ...change })).toThrow(new NotOfTheLog(reason));
  });

  it.each([
    ['ce_position', '1e3'], ['ce_position', '99999999999999999'], ['ce_position', '0'], ['ce_revision', '-1'], ['ce_id', 'x'], ['ce_logid', ''],
    ['ce_type', 'a b'], ['ce_typeversion', '0'], ['ce_format', '{'], ['ce_envelope', '[]'], ['ce_acknowledgedid', 'x'],
  ])('is not one of the log with %s %j', (name, value) => {
    const record = received(event, place);
    expect(() => eventOf({ ...record, headers: { ...record.headers, [name]: Buffer.from(value) } })).toThrow(NotOfTheLog);
  });

  it('is not one of the log where a header occurs twice', () => {
    const record = received(event, place);
    expect(() => eventOf({ ...record, headers: { ...record.headers, ce_id: [Buffer.from('a'), Buffer.from('b')] } })).toThrow(NotOfTheLog);
  });
});
