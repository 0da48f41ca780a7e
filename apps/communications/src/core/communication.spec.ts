import { linkCommunication as linkContract, logCommunication as logContract, type CommunicationEvent } from '@annals/contracts';
import { given } from '@annals/testing';
import { describe, it } from '@jest/globals';
import { communication, type Subject } from './communication.js';
import { linkCommunication } from './link-communication.js';
import { logCommunication } from './log-communication.js';

const partId = '00000000-0000-8000-8000-000000000001';
const ann = '018f0000-0000-7000-8000-00000000000a';
const bob = '018f0000-0000-7000-8000-00000000000b';
const made = { newId: () => partId, linkedBy: 'unverified' };

const logged = (subjects: Subject[]): CommunicationEvent => ({
  type: 'CommunicationLogged',
  data: { medium: 'voice', direction: 'inbound', purpose: 'support', startedAt: '2024-05-01T10:00:00.000Z', participants: [], subjects, parts: [] },
});
const party = (customer: string): Subject => ({ ref: { customer }, as: 'party', basis: 'person', linkedBy: 'unverified' });
const linked = (subject: Subject): CommunicationEvent => ({ type: 'CommunicationLinked', data: { subject } });

describe('logging a communication', () => {
  it('keeps addresses as they were used, with their normal forms beside them', () => {
    const command = logContract.parse({
      medium: 'message',
      platform: 'whatsapp',
      direction: 'inbound',
      purpose: 'support',
      startedAt: '2024-05-01T10:00:00Z',
      participants: [
        { role: 'from', address: { kind: 'whatsapp', raw: '+44 20 7946 0018' }, name: '小明' },
        { role: 'to', address: { kind: 'wechat', raw: 'desk-1' } },
        { role: 'host', staffId: 's-1' },
      ],
      subjects: [{ ref: { customer: ann }, as: 'party' }],
      parts: [{ role: 'body', mediaType: 'text/plain', text: '你好' }],
    });
    given(communication, []).when((state) => logCommunication(command, state, made)).then({
      type: 'CommunicationLogged',
      data: {
        medium: 'message',
        platform: 'whatsapp',
        direction: 'inbound',
        purpose: 'support',
        startedAt: '2024-05-01T10:00:00.000Z',
        participants: [
          { role: 'from', name: '小明', address: { kind: 'whatsapp', raw: '+44 20 7946 0018', normalised: '+442079460018' } },
          { role: 'to', address: { kind: 'wechat', raw: 'desk-1' } },
          { role: 'host', staffId: 's-1' },
        ],
        subjects: [party(ann)],
        parts: [{ role: 'body', mediaType: 'text/plain', text: '你好', id: partId }],
      },
    });
  });

  it('refuses one id for two parts', () => {
    const part = { id: partId, role: 'body', mediaType: 'text/plain', text: 'a' };
    const command = logContract.parse({ medium: 'note', direction: 'internal', purpose: 'other', startedAt: '2024-05-01T10:00:00Z', parts: [part, part] });
    given(communication, []).when((state) => logCommunication(command, state, made)).thenRejected('part-repeated');
  });

  it('refuses a second one', () => {
    const command = logContract.parse({ medium: 'note', direction: 'internal', purpose: 'other', startedAt: '2024-05-01T10:00:00Z' });
    given(communication, [logged([])]).when((state) => logCommunication(command, state, made)).thenRejected('communication-already-recorded');
  });
});

describe('linking a communication', () => {
  const link = (customer: string, more: object = {}) => linkContract.parse({ ref: { customer }, as: 'party', ...more });

  it('adds a subject, by whom it was linked', () => {
    given(communication, [logged([party(ann)])]).when((state) => linkCommunication(link(bob), state, 'unverified')).then(linked(party(bob)));
  });

  it('changes nothing where the subject is there already, on whatever basis', () => {
    given(communication, [logged([party(ann)])]).when((state) => linkCommunication(link(ann, { basis: 'rule' }), state, 'unverified')).then();
    given(communication, [logged([]), linked(party(bob))]).when((state) => linkCommunication(link(bob), state, 'unverified')).then();
  });

  it('keeps apart as what the subject is linked', () => {
    given(communication, [logged([party(ann)])])
      .when((state) => linkCommunication(link(ann, { as: 'about' }), state, 'unverified'))
      .then(linked({ ...party(ann), as: 'about' }));
  });

  it('needs a communication', () => {
    given(communication, []).when((state) => linkCommunication(link(ann), state, 'unverified')).thenRejected('communication-not-found');
  });
});
