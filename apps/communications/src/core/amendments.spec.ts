import { amendCommunication as contract, amendContent, type AnnalsEvent, type CommunicationEvent } from '@annals/contracts';
import { fold } from '@annals/kernel';
import { given, recorded } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { amendCommunication, contentAt } from './amend-communication.js';
import { communication, mustBeLogged } from './communication.js';

const partId = '00000000-0000-8000-8000-000000000001';
const logged: AnnalsEvent<'CommunicationLogged'> = {
  type: 'CommunicationLogged',
  data: {
    medium: 'message',
    direction: 'inbound',
    purpose: 'support',
    startedAt: '2024-01-01T00:00:00.000Z',
    participants: [],
    subjects: [],
    title: 'first',
    parts: [{ id: partId, role: 'body', mediaType: 'text/plain', text: 'helo' }],
  },
};
type Changed = AnnalsEvent<'CommunicationAmended'>['data']['changed'];
const amended = (changed: Changed): CommunicationEvent => ({ type: 'CommunicationAmended', data: { changed, reason: { code: 'edited' }, by: 'sender' } });
const amend = (changed: object) => contract.parse({ changed, reason: { code: 'edited' }, by: 'sender' });
const now = { at: '2024-06-01T00:00:00.000Z', newId: () => '00000000-0000-8000-8000-000000000002' };

describe('amending a communication', () => {
  it('records only what changed, and a part keeps its id', () => {
    const parts = [{ role: 'body', mediaType: 'text/plain', text: 'hello' }];
    given(communication, [logged])
      .when((state) => amendCommunication(amend({ title: 'first', purpose: 'sales', parts }), state, now))
      .then(amended({ purpose: 'sales', parts: parts.map((part) => ({ ...part, id: partId })) }));
  });

  it('changes nothing where all is said already, a field that is taken away again included', () => {
    given(communication, [logged, amended({ title: null })]).when((state) => amendCommunication(amend({ title: null, outcome: null }), state, now)).then();
  });

  it('makes the normal form of an address', () => {
    const participants = [{ role: 'from', address: { kind: 'phone', raw: '+44 20 7946 0018' } }];
    given(communication, [logged])
      .when((state) => amendCommunication(amend({ participants }), state, now))
      .then(amended({ participants: [{ role: 'from', address: { kind: 'phone', raw: '+44 20 7946 0018', normalised: '+442079460018' } }] }));
  });

  it('is refused where there is nothing, or what there was is retracted', () => {
    const retracted: CommunicationEvent = { type: 'CommunicationRetracted', data: { reason: { code: 'recalled' }, by: 'sender' } };
    given(communication, []).when((state) => amendCommunication(amend({ title: 'x' }), state, now)).thenRejected('communication-not-found');
    given(communication, [logged, retracted]).when((state) => amendCommunication(amend({ title: 'x' }), state, now)).thenRejected('communication-retracted');
  });

  it('takes a thousand amendments and no more', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => amended({ title: `${index}` }));
    given(communication, [logged, ...many]).when((state) => amendCommunication(amend({ title: 'x' }), state, now)).thenRejected('communication-amendments-full');
  });

  it('ends with the same words in whatever order edits are reported, and a view that keeps no history shows them too', () => {
    const instants = ['2024-02-01', '2024-03-01', '2024-04-01', '2024-05-01'].map((day) => `${day}T00:00:00.000Z`);
    const change = fc.record({ title: fc.constantFrom('a', 'b', null), purpose: fc.constantFrom('sales', 'other') }, { requiredKeys: [] });
    const edits = fc.tuple(change, change, change, change);
    fc.assert(
      fc.property(edits, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (changes, order) => {
        const ended = (indices: readonly number[]) => {
          const steps = indices.map((index) => ({ changed: changes[index] ?? {}, at: instants[index] ?? '' }));
          const events = recorded<CommunicationEvent>([logged, ...steps.map(({ changed }) => amended(changed))]).map((event, index) =>
            index === 0 ? event : { ...event, metadata: { effectiveAt: steps[index - 1]?.at ?? '' } },
          );
          const { subjects: _, ...content } = logged.data;
          const shown = steps.reduce((standing, { changed, at }) => amendContent(standing, changed, at), { content, since: {} });
          const { title, purpose } = contentAt(mustBeLogged(fold(communication, events)), now.at);
          expect({ title: title ?? null, purpose }).toEqual({ title: shown.content.title ?? null, purpose: shown.content.purpose });
          return { title: title ?? null, purpose };
        };
        expect(ended(order)).toEqual(ended([0, 1, 2, 3]));
      }),
    );
  });
});
