import { given } from '@annals/testing';
import { describe, expect, it } from '@jest/globals';

import { decideMembership, membership, type Placement } from './membership.js';
import { recordTraining } from './record-training.js';
import { segmentation, type Trained } from './segmentation.js';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const trained = (model: number): Trained => ({
  model,
  features: ['recency-days'],
  scaler: { means: [0], deviations: [1] },
  segments: [{ id: uuid(1), name: { en: 'recent', zh: '近期' }, centroid: [0], members: 3, matched: 'new' }],
  retired: [],
  k: 1,
  seed: 1,
  starts: 1,
  trainedOn: 3,
  inertia: 0,
  silhouette: 0,
  asOf: '2011-12-09T12:50:00.000Z',
  zone: 'UTC',
  trainedAt: { logId: uuid(9), position: 7, eventId: uuid(8) },
});

describe('recording a training', () => {
  it('makes the segmentation with its first model', () => {
    given(segmentation, [])
      .when((state) => recordTraining(trained(1), state, 'customers'))
      .then({ type: 'SegmentationCreated', data: { name: 'customers', k: 1 } }, { type: 'SegmentationTrained', data: trained(1) });
  });

  it('adds the next model', () => {
    given(segmentation, [
      { type: 'SegmentationCreated', data: { name: 'customers', k: 1 } },
      { type: 'SegmentationTrained', data: trained(1) },
    ])
      .when((state) => recordTraining(trained(2), state, 'customers'))
      .then({ type: 'SegmentationTrained', data: trained(2) });
  });

  it('refuses a model that was matched to one that is no longer the last', () => {
    given(segmentation, [{ type: 'SegmentationTrained', data: trained(1) }])
      .when((state) => recordTraining(trained(1), state, 'customers'))
      .thenRejected('segmentation-trained-meanwhile');
  });
});

describe('deciding a membership', () => {
  const placement: Placement = {
    segmentation: uuid(5),
    to: uuid(1),
    model: 1,
    reason: { code: 'trained', values: [4], distance: 0.5 },
    cause: uuid(7),
  };

  it('enters the first segment', () => {
    given(membership, [])
      .when((state) => decideMembership(placement, state))
      .then({ type: 'SegmentMembershipChanged', data: placement });
  });

  it('says what is left for what', () => {
    given(membership, [{ type: 'SegmentMembershipChanged', data: placement }])
      .when((state) => decideMembership({ ...placement, to: uuid(2) }, state))
      .then({ type: 'SegmentMembershipChanged', data: { ...placement, from: uuid(1), to: uuid(2) } });
  });

  it('says nothing of a customer who stays, whichever model says so', () => {
    given(membership, [{ type: 'SegmentMembershipChanged', data: placement }])
      .when((state) => decideMembership({ ...placement, model: 2 }, state))
      .then();
  });

  it('keeps the memberships of several segmentations apart', () => {
    const other = decideMembership({ ...placement, segmentation: uuid(6) }, { [uuid(5)]: uuid(1) });
    expect(other).toEqual([{ type: 'SegmentMembershipChanged', data: { ...placement, segmentation: uuid(6) } }]);
  });
});
