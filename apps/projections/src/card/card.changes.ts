/** A figure that is added to. */
export interface Figure {
  readonly department: string;
  /** A kind of transaction, or `customer` or `communication`. */
  readonly what: string;
  /** A currency, or a medium, or nothing. */
  readonly unit: string;
  readonly count: number;
  readonly amountMinor: number;
}

/** A change to the tables of the card. Figures are differences; `present` false takes a row away. */
export type CardChange =
  | (Figure & { readonly to: 'total'; readonly customer: string })
  | (Figure & { readonly to: 'source'; readonly system: string; readonly lines: number })
  | ContactChange
  | NameChange
  | { readonly to: 'reference'; readonly system: string; readonly id: string; readonly customer: string; readonly department: string }
  | MembershipChange
  | { readonly to: 'segment'; readonly id: string; readonly en: string; readonly zh: string };

interface ContactChange {
  readonly to: 'contact';
  readonly customer: string;
  readonly medium: string;
  readonly at: number;
  readonly communication: string;
  readonly department: string;
  readonly present: boolean;
}

interface NameChange {
  readonly to: 'name';
  readonly customer: string;
  readonly name: string;
  readonly department: string;
  readonly present: boolean;
}

interface MembershipChange {
  readonly to: 'membership';
  readonly customer: string;
  readonly segmentation: string;
  readonly segment: string | null;
  readonly since: number;
  readonly model: number;
  readonly department: string;
}

/** The changes to one table. */
export type ChangesTo<Table extends CardChange['to']> = Extract<CardChange, { readonly to: Table }>;
