import { CommandRejected } from '@annals/kernel';

import type { Segmentation, SegmentationEvent, Trained } from './segmentation.js';

/**
 * A training's result becomes the segmentation's next model.
 *
 * @param name - of a segmentation that is made by its first training
 * @throws CommandRejected where another training was recorded while this one ran: its segments were matched to
 * those of a model that is no longer the last
 */
export function recordTraining(trained: Trained, state: Segmentation, name: string): SegmentationEvent[] {
  const last = state.status === 'trained' ? state.current.model : 0;
  if (trained.model !== last + 1) {
    throw new CommandRejected('conflict', 'segmentation-trained-meanwhile', 'Another training was recorded while this one ran; train again.');
  }
  const event: SegmentationEvent = { type: 'SegmentationTrained', data: trained };
  return state.status === 'none' ? [{ type: 'SegmentationCreated', data: { name, k: trained.k } }, event] : [event];
}
