import type { AnnalsEvent } from '@annals/contracts';
import type { Decider } from '@annals/kernel';

/** What a training said. */
export type Trained = AnnalsEvent<'SegmentationTrained'>['data'];

/** A segmentation's own stream, folded. */
export type Segmentation =
  | { readonly status: 'none' }
  | { readonly status: 'created' }
  | { readonly status: 'trained'; readonly current: Trained; readonly trainedEvent: string };

/** Events on `segmentation-<uuid>`. */
export type SegmentationEvent = AnnalsEvent<'SegmentationCreated' | 'SegmentationTrained'>;

/** The last model is the active one. */
export const segmentation: Decider<Segmentation, SegmentationEvent> = {
  initialState: { status: 'none' },
  evolve: (_, event) =>
    event.type === 'SegmentationCreated'
      ? { status: 'created' }
      : { status: 'trained', current: event.data, trainedEvent: event.id },
};
