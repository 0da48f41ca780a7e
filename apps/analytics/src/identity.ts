import { randomUUID } from 'node:crypto';

import { FORMAT, type Metadata } from '@annals/contracts';
import type { Identities } from '@annals/sealing';

import type { Placement } from './core/membership.js';

/** The one segmentation of a deployment, by its name. */
export const SEGMENTATION = 'customers';

/** The segmentation's id: the same for every process of a deployment. */
export function segmentationId(identities: Identities): string {
  return identities.referencedId('segmentation', 'annals', SEGMENTATION);
}

/** The id of a segment that a model is the first to have. */
export function segmentId(identities: Identities, model: number, index: number): string {
  return identities.referencedId('segmentation', 'annals-segment', `${segmentationId(identities)}/${model}/${index}`);
}

/** A membership decided, for whom and from when. */
export interface Decision {
  readonly department: string;
  readonly effectiveAt: string;
  readonly placement: Placement;
}

/**
 * The envelope of a decision that the service takes by itself. What keeps it from being taken twice is the
 * stream's state, so that its command needs no identity beyond this one.
 */
export function decisionMetadata(identities: Identities, of: Decision): Metadata {
  const commandId = randomUUID();
  return {
    format: FORMAT,
    actor: { id: 'analytics', kind: 'system', assurance: 'none' },
    department: of.department,
    occurredAt: of.effectiveAt,
    precision: 'instant',
    effectiveAt: of.effectiveAt,
    commandId,
    fingerprint: identities.fingerprint(of.placement),
    correlationId: commandId,
    causationId: of.placement.cause,
  };
}
