import type { ChangeCustomer, CustomerEvent } from '@annals/contracts';
import { handle, type Command, type Handled, type Log } from '@annals/service';
import { addContactPoint } from './core/add-contact-point.js';
import { allowProfiling } from './core/allow-profiling.js';
import { assignCustomer } from './core/assign-customer.js';
import { changeProfile } from './core/change-profile.js';
import { customer, type Customer } from './core/customer.js';
import { deactivateCustomer } from './core/deactivate-customer.js';
import { dismissDuplicate } from './core/dismiss-duplicate.js';
import { objectToProfiling } from './core/object-to-profiling.js';
import { reactivateCustomer } from './core/reactivate-customer.js';
import { removeContactPoint } from './core/remove-contact-point.js';
import { tagCustomer } from './core/tag-customer.js';
import { unassignCustomer } from './core/unassign-customer.js';
import { untagCustomer } from './core/untag-customer.js';
import { verifyContactPoint } from './core/verify-contact-point.js';
import { withdrawDismissal } from './core/withdraw-dismissal.js';
import { addClaimed, removeClaimed } from './references.js';

/** Which change: the last part of its route. */
type Name = ChangeCustomer['change'];
type Change<N extends Name> = { readonly [C in N]: { readonly change: C } & Extract<ChangeCustomer, { change: C }> }[N];

/** What a decision needs beside the command and the state. */
interface Beside {
  /** From when it holds. */
  readonly at: string;
  /** For a contact point without an id. */
  readonly newId: string;
}

/** Changes that concern nothing but the customer's own stream. */
type Own = Exclude<Name, 'references' | 'references/removals'>;
type Decide<N extends Name> = (change: Change<N>, state: Customer, beside: Beside) => CustomerEvent[];

const decisions: { readonly [N in Own]: Decide<N> } = {
  profile: (change, state, { at }) => changeProfile(change, state, at),
  'contact-points': (change, state, { newId }) => addContactPoint(change, state, newId),
  'contact-points/verifications': (change, state, { at }) => verifyContactPoint(change, state, at),
  'contact-points/removals': (change, state) => removeContactPoint(change, state),
  assignments: (change, state, { at }) => assignCustomer(change, state, at),
  'assignments/removals': (change, state, { at }) => unassignCustomer(change, state, at),
  tags: (change, state, { at }) => tagCustomer(change, state, at),
  'tags/removals': (change, state, { at }) => untagCustomer(change, state, at),
  deactivation: (change, state, { at }) => deactivateCustomer(change, state, at),
  reactivation: (change, state, { at }) => reactivateCustomer(change, state, at),
  'duplicates/dismissals': (change, state) => dismissDuplicate(change, state, change.customer),
  'duplicates/dismissals/removals': (change, state) => withdrawDismissal(change, state),
  'profiling-objection': (change, state, { at }) => objectToProfiling(change, state, at),
  'profiling-permission': (change, state, { at }) => allowProfiling(change, state, at),
};

function decide<N extends Own>(change: Change<N>, state: Customer, beside: Beside): CustomerEvent[] {
  return decisions[change.change](change, state, beside);
}

/** Handles any change of a customer. */
export async function handleChange(log: Log, command: Command<ChangeCustomer>): Promise<Handled> {
  const { body: change, scope, ifMatch } = command;
  if (change.change === 'references') return await addClaimed(log, change.customer, change, command);
  if (change.change === 'references/removals') return await removeClaimed(log, change.customer, change, command);
  const stream = `customer-${change.customer}`;
  const metadata = command.metadata();
  const beside = { at: metadata.effectiveAt, newId: command.partId(stream)(0) };
  return await handle({ log, decider: customer, stream, scope, metadata, ifMatch, decide: (state) => decide(change, state, beside) });
}
