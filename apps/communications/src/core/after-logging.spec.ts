import {
  addAnnotation as addContract,
  amendAnnotation as amendContract,
  dismissMatch as dismissContract,
  reportDelivery as reportContract,
  type AnnalsEvent,
  type CommunicationEvent,
} from '@annals/contracts';
import { given } from '@annals/testing';
import { describe, it } from '@jest/globals';
import { addAnnotation } from './add-annotation.js';
import { amendAnnotation } from './amend-annotation.js';
import { communication } from './communication.js';
import { dismissMatch } from './dismiss-match.js';
import { linkByAddress } from './link-communication.js';
import { removeAnnotation } from './remove-annotation.js';
import { reportDelivery, reportDeliveryByReference } from './report-delivery.js';
import { retractCommunication } from './retract-communication.js';
import { unlinkCommunication } from './unlink-communication.js';

const ann = '018f0000-0000-7000-8000-00000000000a';
const bob = '018f0000-0000-7000-8000-00000000000b';
const logged: CommunicationEvent = {
  type: 'CommunicationLogged',
  data: { medium: 'message', direction: 'outbound', purpose: 'support', startedAt: '2024-05-01T10:00:00.000Z', participants: [], subjects: [], parts: [] },
};
const reason = { code: 'mistake' };
const retraction: CommunicationEvent = { type: 'CommunicationRetracted', data: { reason, by: 'staff' } };
const party = { ref: { customer: ann }, as: 'party' as const };
const linked: CommunicationEvent = { type: 'CommunicationLinked', data: { subject: { ...party, basis: 'address', linkedBy: 'communications' } } };
const unlinked: CommunicationEvent = { type: 'CommunicationUnlinked', data: { subject: party, reason } };
const dismissed = (customers: string[]): CommunicationEvent => ({ type: 'CommunicationMatchDismissed', data: { customers } });

describe('subjects', () => {
  it('are withdrawn once', () => {
    given(communication, [logged, linked]).when((state) => unlinkCommunication({ subject: party, reason }, state)).then(unlinked);
    given(communication, [logged, linked, unlinked]).when((state) => unlinkCommunication({ subject: party }, state)).then();
  });

  it('are linked by address only where nobody has spoken of the customer and nothing is retracted', () => {
    given(communication, [logged]).when((state) => linkByAddress(ann, state, 'communications')).then(linked);
    for (const before of [linked, dismissed([ann]), retraction]) given(communication, [logged, before]).when((state) => linkByAddress(ann, state, 'communications')).then();
    given(communication, [logged, linked, unlinked]).when((state) => linkByAddress(ann, state, 'communications')).then();
  });

  it('are dismissed where nobody has spoken of them', () => {
    given(communication, [logged, linked]).when((state) => dismissMatch(dismissContract.parse({ customers: [ann, bob, bob] }), state)).then(dismissed([bob]));
    given(communication, [logged, dismissed([bob])]).when((state) => dismissMatch(dismissContract.parse({ customers: [bob] }), state)).then();
  });
});

describe('a retraction', () => {
  it('stands as it was said first', () => {
    given(communication, [logged]).when((state) => retractCommunication({ reason, by: 'staff' }, state)).then(retraction);
    given(communication, [logged, retraction]).when((state) => retractCommunication({ reason, by: 'sender' }, state)).then();
  });
});

describe('delivery reports', () => {
  const report = reportContract.parse({ status: 'sent', providerAt: '2024-05-01T10:00:01Z' });
  const reported = (data: Partial<AnnalsEvent<'DeliveryReported'>['data']> = {}): CommunicationEvent => ({
    type: 'DeliveryReported',
    data: { status: 'sent', attempt: 1, providerAt: '2024-05-01T10:00:01.000Z', ...data },
  });

  it('are all kept, the same one once, those after a retraction too', () => {
    given(communication, [logged, retraction]).when((state) => reportDelivery(report, state)).then(reported());
    given(communication, [logged, reported({ status: 'failed' })]).when((state) => reportDelivery(report, state)).then(reported());
    given(communication, [logged, reported()]).when((state) => reportDelivery(report, state)).then();
  });

  it('that came before the communication are to be sent again', () => {
    given(communication, []).when((state) => reportDelivery(report, state)).thenRejected('communication-not-found');
    given(communication, []).when((state) => reportDeliveryByReference(report, state)).thenRejected('communication-not-yet-logged');
  });

  it('end at two thousand', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => reported({ status: `s-${index}` }));
    given(communication, [logged, ...many]).when((state) => reportDelivery(report, state)).thenRejected('communication-reports-full');
  });
});

describe('annotations', () => {
  const unsaid = { id: bob, author: 'staff-7' };
  const data = { id: bob, kind: 'summary', text: '客户要求退款', author: 'staff-7' };
  const added: CommunicationEvent = { type: 'AnnotationAdded', data };
  const removed: CommunicationEvent = { type: 'AnnotationRemoved', data: { id: bob } };
  const add = (text: string) => addContract.parse({ kind: 'summary', text });
  const amend = (more: object) => amendContract.parse({ text: 'new', ...more });
  const derived = { model: 'summariser-2', events: [ann] };

  it('are added once, by the actor where nobody else is named', () => {
    given(communication, [logged]).when((state) => addAnnotation(add(data.text), state, unsaid)).then(added);
    given(communication, [logged, added]).when((state) => addAnnotation(add(data.text), state, unsaid)).then();
    given(communication, [logged, added]).when((state) => addAnnotation(add('other'), state, unsaid)).thenRejected('annotation-id-in-use');
    given(communication, [logged, added, removed]).when((state) => addAnnotation(add(data.text), state, unsaid)).thenRejected('annotation-id-in-use');
  });

  it('are amended in full, with the model that says so', () => {
    const amended: CommunicationEvent = { type: 'AnnotationAmended', data: { id: bob, text: 'new', author: 'staff-7', derived } };
    given(communication, [logged, added]).when((state) => amendAnnotation(amend({ derived }), state, unsaid)).then(amended);
    given(communication, [logged, added, amended]).when((state) => amendAnnotation(amend({ derived }), state, unsaid)).then();
  });

  it('are removed once, and then amended no more', () => {
    given(communication, [logged, added]).when((state) => removeAnnotation({}, state, bob)).then(removed);
    given(communication, [logged, added, removed]).when((state) => removeAnnotation({}, state, bob)).then();
    given(communication, [logged, added, removed]).when((state) => amendAnnotation(amend({}), state, unsaid)).thenRejected('annotation-removed');
    given(communication, [logged]).when((state) => removeAnnotation({}, state, bob)).thenRejected('annotation-not-found');
  });
});
