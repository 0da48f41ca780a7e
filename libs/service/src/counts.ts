import { code, type Category, type EventName } from '@annals/contracts';
import type { EventStore, StoredEvent } from '@annals/event-store';

const PAGE = 10_000;
const MAX_SYSTEMS = 64;

/** The path parameter of `GET /sources/:system/counts`. */
export const sourceSystem = code();

/** How the records of one category add up. */
export interface Tally<Figures> {
  readonly category: Category;
  /** The event that makes a record: the first of its stream. */
  readonly first: EventName;
  readonly none: Figures;
  /** The figures with more records, given by their first events. */
  readonly add: (figures: Figures, records: readonly StoredEvent[]) => Figures | Promise<Figures>;
}

/** What one source system's records add up to. */
export interface Counted<Figures> {
  readonly system: string;
  /** The position in the log up to which the figures hold. */
  readonly position: number;
  readonly figures: Figures;
}

/**
 * Counts records by the system that they came from (`metadata.source.system`), from the log itself. What was
 * counted is remembered for the 64 systems asked for last, so that only what is new is read again; a restart
 * counts anew.
 */
export class SourceTallies<Figures> {
  readonly #known = new Map<string, Promise<Counted<Figures>>>();

  constructor(
    private readonly store: EventStore,
    private readonly tally: Tally<Figures>,
  ) {}

  /** The figures of one system, up to the head that the log has when this is called, or further. */
  async of(system: string): Promise<Counted<Figures>> {
    const before = this.#known.get(system);
    // Each call goes on where the one before it ends, so that no event is counted twice.
    const counted = this.#from(system, before);
    this.#known.delete(system);
    this.#known.set(system, counted);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_SYSTEMS && oldest !== undefined) this.#known.delete(oldest);
    try {
      return await counted;
    } catch (error) {
      if (this.#known.get(system) === counted) this.#known.delete(system);
      throw error;
    }
  }

  async #from(system: string, before: Promise<Counted<Figures>> | undefined): Promise<Counted<Figures>> {
    const { category, first, none, add } = this.tally;
    const start = await before?.catch(() => undefined);
    const head = await this.store.head();
    let { position, figures } = start ?? { position: 0, figures: none };
    while (position < head.position) {
      const page = await this.store.readAll({ after: position, categories: [category], limit: PAGE });
      if (page.next === position) break;
      const records = page.events.filter((event) => event.revision === 0 && event.type === first && systemOf(event) === system);
      figures = await add(figures, records);
      position = page.next;
    }
    return { system, position, figures };
  }
}

function systemOf({ metadata }: StoredEvent): string | undefined {
  const { source }: { source?: { system?: string } } = JSON.parse(new TextDecoder().decode(metadata));
  return source?.system;
}
