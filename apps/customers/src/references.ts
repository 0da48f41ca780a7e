import type { AddReference, ExternalReference, Metadata, RegisterCustomer, RemoveReference } from '@annals/contracts';
import { claimFor, claimOn, claimReference, handle, releaseReference, stateOf, type Command, type Handled, type Log } from '@annals/service';
import { addReference } from './core/add-reference.js';
import { customer, referenceKey, type Customer } from './core/customer.js';
import { removeReference } from './core/remove-reference.js';

/** The id of a new customer. Customers can get more references later, so each is claimed before it is written. */
export async function newCustomerId(log: Log, command: Command<RegisterCustomer>, metadata: Metadata): Promise<string> {
  const { identities } = log;
  const { id, reference } = command.body;
  const own = id ?? identities.recordId('customer', command.id);
  if (reference === undefined) return own;
  // A claim is for a record that is yet to be written: one that exists answers for itself, and must not take the reference by being refused.
  if (id !== undefined && (await log.store.readStream(`customer-${id}`, { limit: 1 })).length > 0) return id;
  const first = id ?? identities.referencedId('customer', reference.system, reference.id);
  return await claimReference(log, { category: 'customer', reference }, { first, again: own }, metadata);
}

/** Claims a reference, then adds it: whatever happens between the two, the next try completes it. */
export async function addClaimed(log: Log, customerId: string, body: AddReference, command: Command): Promise<Handled> {
  const metadata = command.metadata();
  return await handle({
    log,
    decider: customer,
    stream: `customer-${customerId}`,
    scope: command.scope,
    metadata,
    ifMatch: command.ifMatch,
    decide: (state) => addReference(body, state),
    reserve: (state) => claimFor(log, named(body), { target: customerId, removedAt: removedAt(state, body) }, metadata),
  });
}

/** Removes a reference, then releases it: whatever happens between the two, the next try completes it. */
export async function removeClaimed(log: Log, customerId: string, body: RemoveReference, command: Command): Promise<Handled> {
  const stream = `customer-${customerId}`;
  const metadata = command.metadata();
  const claim = await claimOn(log, named(body));
  const claimedAt = claim?.target === customerId ? claim.position : undefined;
  const handled = await handle({
    log,
    decider: customer,
    stream,
    scope: command.scope,
    metadata,
    ifMatch: command.ifMatch,
    decide: (state) => removeReference(body, state, claimedAt),
  });
  const state = await stateOf(log, customer, stream);
  await releaseReference(log, named(body), { target: customerId, removedAt: removedAt(state, body) }, metadata);
  return handled;
}

const named = ({ system, id }: ExternalReference) => ({ category: 'customer', reference: { system, id } }) as const;

function removedAt(state: Customer, reference: ExternalReference): number | undefined {
  return state.kind === 'unknown' ? undefined : state.references.get(referenceKey(reference))?.removedAt;
}
