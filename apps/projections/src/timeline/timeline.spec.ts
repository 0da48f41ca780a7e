import { ERASED, type AnnalsEvent, type RecordedEvent } from '@annals/contracts';
import { describe, expect, it } from '@jest/globals';

import { firstCharacters } from '../erased.js';
import { timelineStep } from './timeline.projection.js';
import type { TimelineState } from './timeline.state.js';

const ADA = '00000000-0000-4000-8000-00000000000a';
const BO = '00000000-0000-4000-8000-00000000000b';
const RECORD = '00000000-0000-4000-8000-00000000000f';

function told(event: AnnalsEvent, stream: string, revision = 0): RecordedEvent {
  const at = '2024-05-01T10:00:00.000Z';
  const metadata = { format: 1, actor: { id: 'x', kind: 'unverified', assurance: 'none' }, department: 'emea', occurredAt: at, precision: 'instant', effectiveAt: at, commandId: RECORD, fingerprint: '0', correlationId: RECORD };
  return { ...event, stream, revision, position: 1, id: RECORD, recordedAt: 0, metadata } as RecordedEvent;
}

const subject = (customer: string) => ({ ref: { customer }, as: 'party' as const, linkedBy: 'x', basis: 'person' as const });
const logged = (data: Partial<AnnalsEvent<'CommunicationLogged'>['data']> = {}): AnnalsEvent<'CommunicationLogged'> => ({
  type: 'CommunicationLogged',
  data: { medium: 'email', direction: 'inbound', purpose: 'sales', participants: [], subjects: [], startedAt: '2024-04-30T10:00:00.000Z', parts: [], ...data },
});
const stream = `communication-${RECORD}`;

describe('the timeline', () => {
  it('has a communication on the timeline of each customer that it is linked to, also when it is linked later', () => {
    const first = timelineStep(undefined, told(logged({ subjects: [subject(ADA), subject(ADA), { ...subject(ADA), ref: { transaction: BO } }] }), stream));
    const second = timelineStep(first.state, told({ type: 'CommunicationLinked', data: { subject: subject(BO) } }, stream, 1));
    const third = timelineStep(second.state, told({ type: 'CommunicationLinked', data: { subject: subject(BO) } }, stream, 2));
    const customers = [first, second, third].map(({ changes }) => changes.map((change) => 'customer' in change && change.customer));
    expect(customers).toEqual([[ADA], [BO], []]);
    expect(second.changes[0]).toMatchObject({ at: Date.UTC(2024, 3, 30, 10), id: RECORD, medium: 'email', department: 'emea' });
  });

  it('keeps a communication that is linked to nobody yet', () => {
    const { state, changes } = timelineStep(undefined, told(logged({ title: 'Hello' }), stream));
    expect(changes).toEqual([]);
    expect(state).toMatchObject({ of: 'communication', links: [], standing: { content: { title: 'Hello', parts: [] } } });
  });

  it('shows the beginning of the words, and erased words as erased', () => {
    const part = { id: RECORD, mediaType: 'text/plain' };
    const long = timelineStep(undefined, told(logged({ parts: [{ ...part, role: 'attachment', text: 'no' }, { ...part, role: 'body', text: 'x'.repeat(2_600) }] }), stream));
    expect(long.state).toMatchObject({ standing: { content: { parts: [{ text: 'x'.repeat(2_000) }] } } });
    const gone = timelineStep(undefined, told(logged({ title: ERASED, parts: [{ ...part, role: 'body', text: ERASED }] }), stream));
    expect(JSON.parse(JSON.stringify(gone.state))).toMatchObject({ standing: { content: { title: { erased: true }, parts: [{ text: { erased: true } }] } } });
  });

  it('cuts no character in two', () => {
    expect(firstCharacters(`${'x'.repeat(9)}😀`, 10)).toBe('x'.repeat(9));
  });

  it('marks a cancelled transaction where it stands', () => {
    const data: AnnalsEvent<'TransactionRecorded'>['data'] = { kind: 'invoice', parties: [{ customerId: ADA, role: 'buyer' }], issuedOn: '2024-05-01', currency: 'GBP', lines: [], totalMinor: 5 };
    const first = timelineStep(undefined, told({ type: 'TransactionRecorded', data }, `transaction-${RECORD}`));
    const kept = JSON.parse(JSON.stringify(first.state)) as TimelineState;
    const second = timelineStep(kept, told({ type: 'TransactionCancelled', data: { reason: { code: 'mistake' } } }, `transaction-${RECORD}`, 1));
    expect([first.changes.length, second.changes.length]).toEqual([1, 0]);
    expect(second.state).toMatchObject({ cancelled: true, totalMinor: 5 });
  });

  it('names the fields that a change of the customer set', () => {
    const event: AnnalsEvent = { type: 'CustomerProfileChanged', data: { language: null, country: 'GB' } };
    const { changes } = timelineStep(undefined, told(event, `customer-${ADA}`, 3));
    expect(changes).toEqual([expect.objectContaining({ customer: ADA, id: RECORD, body: { kind: 'customer', revision: 3, event: 'CustomerProfileChanged', changed: ['country', 'language'] } })]);
  });
});
