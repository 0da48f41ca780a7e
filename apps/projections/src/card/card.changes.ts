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

/** A row of a customer that is there or is taken away. `department` is that of the record that says so. */
interface Present {
  readonly customer: string;
  readonly department: string;
  readonly present: boolean;
}

/** A change to the tables of the card. Figures are differences; `present` false takes a row away; all others are rows as they are now. */
export type CardChange =
  | (Figure & { readonly to: 'total'; readonly customer: string })
  | (Figure & { readonly to: 'source'; readonly system: string; readonly lines: number })
  | RowChange
  | ListedChange
  | FollowUpChange
  | MembershipChange
  | { readonly to: 'segment'; readonly id: string; readonly en: string; readonly zh: string };

/** A change to a table whose rows are all key. */
export type RowChange =
  | (Present & { readonly to: 'contact'; readonly medium: string; readonly at: number; readonly communication: string })
  | (Present & { readonly to: 'bought'; readonly at: number; readonly transaction: string })
  | (Present & { readonly to: 'name'; readonly name: string })
  | (Present & { readonly to: 'reference'; readonly system: string; readonly id: string })
  | (Present & { readonly to: 'point'; readonly digest: string; readonly likeness: string; readonly since: number })
  | (Present & { readonly to: 'dismissed'; readonly other: string })
  | (Present & { readonly to: 'tagged'; readonly tag: string })
  | (Present & { readonly to: 'assigned'; readonly role: string; readonly staff: string });

interface ListedChange {
  readonly to: 'listed';
  readonly customer: string;
  readonly department: string;
  readonly country: string | null;
  readonly name: string;
  readonly registeredAt: number;
}

interface FollowUpChange {
  readonly to: 'followup';
  readonly id: string;
  readonly customer: string | null;
  readonly department: string;
  readonly staff: string | null;
  readonly assignedDepartment: string | null;
  readonly dueAt: number;
  readonly isOpen: boolean;
}

/** The segment that a customer is in; null where the customer has left. */
export interface MembershipChange {
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
