import { EVERYWHERE } from '@annals/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

import { ReadModelUnavailable, Trouble, type ReadModels } from '@annals/read-models';
import { assign } from '@annals/segmentation';
import { handle, type Log } from '@annals/service';

import { decideMembership, membership, type Placement } from './core/membership.js';
import { currencyOf, valuesOf, type Figures } from './features/features.js';
import type { Touched } from './features/features.projection.js';
import { figuresOfAll, figuresOfSome } from './features/features.query.js';
import { decisionMetadata, segmentationId } from './identity.js';
import { activeModel, segmentOfAll, type ActiveModel } from './memberships/memberships.query.js';

/** Decisions that are appended at a time. */
const IN_FLIGHT = 64;
/** More customers than this are not listed one by one: everyone is looked at instead. */
const MOST_PENDING = 10_000;
const IDLE_MS = 50;
const RETRY_MS = 1_000;

/**
 * Keeps every customer in the segment whose centroid is nearest: looks at everyone when it starts and after a
 * training, and at those whose figures changed as events come. A decision that was taken is not taken again, since
 * the membership's own stream says where the customer is; so a crash at any point is mended by looking again.
 */
export class Assigner {
  readonly #pending = new Map<string, Touched['cause']>();
  readonly #stop = new AbortController();
  #everyone = true;
  #rounds = 0;
  #loop: Promise<void> | undefined;

  constructor(
    private readonly log: Log,
    private readonly readModels: () => ReadModels,
    private readonly report: (message: string) => void,
  ) {}

  /** Notes customers whose figures a batch changes, to be looked at when it has committed. */
  touch(touched: readonly Touched[]): void {
    for (const { customer, cause } of touched) this.#pending.set(customer, cause);
    if (this.#pending.size <= MOST_PENDING) return;
    this.#everyone = true;
    this.#pending.clear();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Looks at everyone, soon; resolves when that is done, or after `withinMs` while it goes on. */
  async lookAtEveryone(withinMs: number): Promise<void> {
    const round = this.#rounds;
    this.#everyone = true;
    const deadline = performance.now() + withinMs;
    // The round that is under way may have read the model before; the one after it has not.
    while (this.#rounds < round + 2 && performance.now() < deadline && !this.#stop.signal.aborted) await sleep(IDLE_MS);
  }

  async #run(): Promise<void> {
    const trouble = new Trouble('memberships wait', this.report);
    while (!this.#stop.signal.aborted) {
      try {
        await this.#round();
        this.#rounds += 1;
        trouble.over();
        await sleep(IDLE_MS);
      } catch (error) {
        this.#everyone = true;
        trouble.met(error);
        await sleep(RETRY_MS);
      }
    }
  }

  async #round(): Promise<void> {
    if (!this.#everyone && this.#pending.size === 0) return;
    if (!(await this.readModels().areOfTheLog())) throw new ReadModelUnavailable('they are made of events that the log does not hold');
    const everyone = this.#everyone;
    const pending = new Map(this.#pending);
    this.#everyone = false;
    this.#pending.clear();
    const active = await activeModel(this.readModels().reader('memberships'), segmentationId(this.log.identities));
    if (active === undefined) return;
    if (everyone) await this.#decideAll(active);
    else await this.#decideSome(active, pending);
  }

  async #decideAll(active: ActiveModel): Promise<void> {
    const reader = this.readModels().reader('features');
    const current = await segmentOfAll(this.readModels().reader('memberships'), segmentationId(this.log.identities));
    const { figures } = await figuresOfAll(reader, currencyOf(active.trained.features));
    const elsewhere = figures.filter((each) => this.#place(active, each).to !== current.get(each.customer));
    await this.#decide(elsewhere, active, new Map());
  }

  async #decideSome(active: ActiveModel, pending: ReadonlyMap<string, Touched['cause']>): Promise<void> {
    const last = [...pending.values()].at(-1);
    // The batch that touched them commits after it is told of; until then their figures are the old ones.
    if (last !== undefined) await this.readModels().waitFor('features', last.stream, last.revision);
    const currency = currencyOf(active.trained.features);
    const figures = await figuresOfSome(this.readModels().reader('features'), currency, [...pending.keys()].sort());
    await this.#decide(figures, active, pending);
  }

  async #decide(figures: readonly Figures[], active: ActiveModel, causes: ReadonlyMap<string, Touched['cause']>): Promise<void> {
    let next = 0;
    const one = async (): Promise<void> => {
      for (let each = figures[next++]; each !== undefined && !this.#stop.signal.aborted; each = figures[next++]) {
        await this.#append(active, each, causes.get(each.customer));
      }
    };
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, figures.length) }, one));
  }

  async #append(active: ActiveModel, figures: Figures, cause?: Touched['cause']): Promise<void> {
    const placement = this.#place(active, figures, cause);
    const { asOf } = active.trained;
    const effectiveAt = cause !== undefined && cause.effectiveAt > asOf ? cause.effectiveAt : asOf;
    await handle({
      log: this.log,
      decider: membership,
      stream: `membership-${figures.customer}`,
      scope: EVERYWHERE,
      metadata: decisionMetadata(this.log.identities, { department: figures.department, effectiveAt, placement }),
      decide: (state) => decideMembership(placement, state),
    });
  }

  #place({ trained, trainedEvent }: ActiveModel, figures: Figures, cause?: Touched['cause']): Placement {
    const values = valuesOf(figures, trained.features, Date.parse(trained.asOf));
    const centres = { features: trained.features, scaler: trained.scaler, centroids: trained.segments.map(({ centroid }) => centroid) };
    const { segment, distances } = assign(centres, values);
    const to = trained.segments[segment];
    if (to === undefined) throw new RangeError(`a model has no segment ${segment}`);
    return {
      segmentation: segmentationId(this.log.identities),
      to: to.id,
      model: trained.model,
      reason: { code: cause === undefined ? 'trained' : 'features-changed', values, distance: distances[segment] ?? 0 },
      cause: cause?.id ?? trainedEvent,
    };
  }
}
