/**
 * A statement put together of constant pieces. Each `?` of a piece stands for a value, which becomes a
 * parameter; so a filter that is not asked for is not there, and a plan is made for those that are.
 */
export class Statement {
  readonly values: unknown[] = [];
  #text = '';

  /** @throws RangeError where the piece and its values do not match */
  add(piece: string, ...values: readonly unknown[]): this {
    const parts = piece.split('?');
    if (parts.length !== values.length + 1) throw new RangeError(`${values.length} values for ${parts.length - 1} places`);
    this.#text += parts.reduce((text, part, index) => {
      this.values.push(values[index - 1]);
      return `${text}$${this.values.length}${part}`;
    });
    return this;
  }

  /** Adds a piece that tests one value, unless that is undefined. */
  addIf(value: unknown, piece: string): this {
    return value === undefined ? this : this.add(piece, value);
  }

  get text(): string {
    return this.#text;
  }
}

/** Names no prepared statement: the plan is made for the values, as filters that differ much need it. */
export const UNNAMED = '';
