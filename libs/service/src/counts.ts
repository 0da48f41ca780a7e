import { code, within, type Category, type EventName, type Scope } from '@annals/contracts';
import type { EventStore, StoredEvent } from '@annals/event-store';
import { departmentOf } from './log.js';

const PAGE = 10_000;
const MAX_QUESTIONS = 64;

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
 * counted is remembered for the 64 questions asked last, of one system and one scope each, so that only what is
 * new is read again; a restart counts anew.
 */
export class SourceTallies<Figures> {
  readonly #known = new Map<string, Promise<Counted<Figures>>>();

  constructor(
    private readonly store: EventStore,
    private readonly tally: Tally<Figures>,
  ) {}

  /** The figures of one system's records within a scope, up to the head that the log has when this is called, or further. */
  async of(system: string, scope: Scope): Promise<Counted<Figures>> {
    const question = JSON.stringify([system, scope.departments]);
    const before = this.#known.get(question);
    // Each call goes on where the one before it ends, so that no event is counted twice.
    const counted = this.#from(system, scope, before);
    this.#known.delete(question);
    this.#known.set(question, counted);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_QUESTIONS && oldest !== undefined) this.#known.delete(oldest);
    try {
      return await counted;
    } catch (error) {
      if (this.#known.get(question) === counted) this.#known.delete(question);
      throw error;
    }
  }

  async #from(system: string, scope: Scope, before: Promise<Counted<Figures>> | undefined): Promise<Counted<Figures>> {
    const { category, first, none, add } = this.tally;
    const start = await before?.catch(() => undefined);
    const head = await this.store.head();
    let { position, figures } = start ?? { position: 0, figures: none };
    while (position < head.position) {
      const page = await this.store.readAll({ after: position, categories: [category], limit: PAGE });
      if (page.next === position) break;
      const records = page.events.filter((event) => event.revision === 0 && event.type === first && systemOf(event) === system && within(scope, departmentOf(event)));
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
