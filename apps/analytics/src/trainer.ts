import { setTimeout as sleep } from 'node:timers/promises';

import { EVERYWHERE, type Metadata, type TrainSegments } from '@annals/contracts';
import { CommandRejected, fold } from '@annals/kernel';
import type { ReadModels } from '@annals/read-models';
import { matchSegments, proposeNames, SegmentationError, trainInWorker, type Matching, type Model, type Training } from '@annals/segmentation';
import { Command, handle, Unavailable, type Handled, type Log } from '@annals/service';

import type { Assigner } from './assigner.js';
import { recordTraining } from './core/record-training.js';
import { segmentation, type Segmentation, type SegmentationEvent, type Trained } from './core/segmentation.js';
import { featureNames, valuesOf, wordsOf } from './features/features.js';
import { figuresOfAll, mainCurrency, type FiguresOf } from './features/features.query.js';
import { SEGMENTATION, segmentationId, segmentId } from './identity.js';
import { segmentOfAll } from './memberships/memberships.query.js';

const TRAINING_MS = 120_000;
const CATCH_UP_MS = 5_000;
const POLL_MS = 50;
/** How long an answer waits for everyone to be in their segment; the rest goes on without the caller. */
const ASSIGN_MS = 20_000;

/** No currency at all: the billed sums of customers who are only talked with are all 0. */
const NO_CURRENCY = 'xxx';

/** What training needs. */
export interface TrainerParts {
  readonly log: Log;
  readonly readModels: ReadModels;
  readonly assigner: Assigner;
  /** IANA zone that is recorded with the model. */
  readonly zone: string;
}

/** Trains models by command, one at a time. */
export class Trainer {
  #training = false;

  constructor(private readonly parts: TrainerParts) {}

  /**
   * @throws CommandRejected `training-already-running`, or SegmentationError's code where the customers cannot be
   * segmented so; Unavailable while the features are behind
   */
  async train(command: Command<TrainSegments>): Promise<Handled> {
    // Whoever may not act for the department is refused before anything is computed.
    const metadata = command.metadata();
    if (this.#training) throw new CommandRejected('conflict', 'training-already-running', 'A training is under way; one runs at a time.');
    this.#training = true;
    try {
      return await this.#train(command, metadata);
    } finally {
      this.#training = false;
    }
  }

  async #train(command: Command<TrainSegments>, metadata: Metadata): Promise<Handled> {
    const stream = `segmentation-${segmentationId(this.parts.log.identities)}`;
    const events = await this.parts.log.read(stream);
    const own = events.filter((event) => event.type === 'SegmentationCreated' || event.type === 'SegmentationTrained');
    const isRepeat = events.some(({ metadata }) => metadata.commandId === command.id);
    const trained = isRepeat ? undefined : await this.#result(command.body, fold(segmentation, own));
    const handled = await handle({
      log: this.parts.log,
      decider: segmentation,
      stream,
      scope: EVERYWHERE,
      metadata,
      ifMatch: command.ifMatch,
      // Of a repeated command nothing is decided: the stream holds its first result.
      decide: (state): SegmentationEvent[] => (trained === undefined ? [] : recordTraining(trained, state, SEGMENTATION)),
    });
    await this.parts.readModels.waitFor('memberships', stream, handled.revision);
    await this.parts.assigner.lookAtEveryone(ASSIGN_MS);
    return handled;
  }

  async #result({ k, seed, starts }: TrainSegments, before: Segmentation): Promise<Trained> {
    await this.#caughtUp();
    const features = this.parts.readModels.reader('features');
    const currency = (await mainCurrency(features)) ?? NO_CURRENCY;
    const figures = await figuresOfAll(features, currency);
    const names = featureNames(currency);
    const ids = figures.figures.map(({ customer }) => customer);
    const matrix = Float64Array.from(figures.figures.flatMap((each) => valuesOf(each, names, figures.asOf)));
    const training = await trainInWorker({ ids, features: matrix, featureNames: names, k, seed, starts }, { timeoutMs: TRAINING_MS }).catch(refused);
    return this.#trained(training, figures, before);
  }

  async #trained(training: Training, { figures, asOf, place }: FiguresOf, before: Segmentation): Promise<Trained> {
    const { model } = training;
    const current = await segmentOfAll(this.parts.readModels.reader('memberships'), segmentationId(this.parts.log.identities));
    const prior = before.status === 'trained' ? before.current : undefined;
    const matching: Matching = prior
      ? matchSegments(
          { features: prior.features, scaler: prior.scaler, segments: prior.segments, segmentOf: (customer) => current.get(customer) },
          { ...training, ids: figures.map(({ customer }) => customer) },
        )
      : { matches: [], retired: [] };
    const next = (prior?.model ?? 0) + 1;
    const { features, scaler, k, seed, starts, inertia, silhouette } = model;
    return {
      model: next,
      features: [...features],
      scaler: { means: [...scaler.means], deviations: [...scaler.deviations] },
      segments: model.centroids.map((_, index) => {
        const kept = prior?.segments.find(({ id }) => id === matching.matches[index]?.id);
        return kept === undefined ? this.#newSegment(model, next, index) : continued(kept, model, index);
      }),
      retired: [...matching.retired],
      k,
      seed,
      starts,
      trainedOn: figures.length,
      inertia,
      silhouette,
      asOf: new Date(asOf).toISOString(),
      zone: this.parts.zone,
      trainedAt: place,
    };
  }

  #newSegment(model: Model, modelNumber: number, index: number): Segment {
    const name = proposeNames(model, wordsOf(model.features))[index] ?? { en: `segment ${index + 1}`, zh: `分群${index + 1}` };
    return { id: segmentId(this.parts.log.identities, modelNumber, index), name, ...measured(model, index), matched: 'new' };
  }

  /** A training rests on all that was recorded before it was asked for. */
  async #caughtUp(): Promise<void> {
    const { position } = await this.parts.log.store.head();
    const deadline = performance.now() + CATCH_UP_MS;
    for (;;) {
      const live = (await this.parts.readModels.status()).filter(({ state }) => state === 'live');
      if (live.length === 2 && live.every((each) => each.position >= position) && (await this.parts.readModels.areOfTheLog())) return;
      if (performance.now() > deadline) throw new Unavailable('features-behind', 'The customers’ features are not up to date yet; try again.');
      await sleep(POLL_MS);
    }
  }
}

type Segment = Trained['segments'][number];

/** A segment keeps its id, and the name that people know it by. */
function continued({ id, name }: Segment, model: Model, index: number): Segment {
  return { id, name, ...measured(model, index), matched: 'kept' };
}

function measured({ centroids, sizes }: Model, index: number): Pick<Segment, 'centroid' | 'members'> {
  return { centroid: [...(centroids[index] ?? [])], members: sizes[index] ?? 0 };
}

function refused(error: unknown): never {
  if (!(error instanceof SegmentationError)) throw error;
  throw new CommandRejected('conflict', error.code, error.detail);
}
