import type { Reader } from './reader.js';

interface CategoryRow {
  readonly id: number;
  readonly name: string;
}

/** The numbers under which this log keeps its categories; they never change, so they are read once. */
export class Categories {
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();
  readonly #registering = new Map<string, Promise<number>>();

  constructor(private readonly reader: Reader) {}

  /** The number, if this process has met the category. */
  known(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** The number of a category, made at its first use. */
  async register(name: string): Promise<number> {
    const before = this.#registering.get(name);
    if (before) return before;
    const registering = this.#register(name).finally(() => this.#registering.delete(name));
    this.#registering.set(name, registering);
    return registering;
  }

  /** The number of a category that the log may not hold yet. */
  async find(name: string): Promise<number | undefined> {
    if (!this.#numbers.has(name)) await this.#load();
    return this.#numbers.get(name);
  }

  /** The name behind a number that an event bears. */
  async name(id: number): Promise<string> {
    if (!this.#names.has(id)) await this.#load();
    const name = this.#names.get(id);
    if (name === undefined) throw new Error(`the log has no category ${id}`);
    return name;
  }

  async #register(name: string): Promise<number> {
    const rows = await this.reader.query<{ id: number }>(
      'register-category',
      'select annals_log.register_category($1) as id',
      [name],
    );
    const id = rows[0]?.id;
    if (id === undefined) throw new Error('the log gave no number to a category');
    this.#numbers.set(name, id);
    this.#names.set(id, name);
    return id;
  }

  async #load(): Promise<void> {
    for (const { id, name } of await this.reader.query<CategoryRow>('categories', 'select id, name from annals_log.categories', [])) {
      this.#numbers.set(name, id);
      this.#names.set(id, name);
    }
  }
}
