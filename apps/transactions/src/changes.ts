import type { ChangeTransaction, TransactionEvent } from '@annals/contracts';
import { handle, type Command, type Handled, type Log } from '@annals/service';
import { attributeTransaction } from './core/attribute-transaction.js';
import { cancelTransaction } from './core/cancel-transaction.js';
import { transaction, type Transaction } from './core/transaction.js';
import { unattributeTransaction } from './core/unattribute-transaction.js';

function decide(change: ChangeTransaction, state: Transaction): TransactionEvent[] {
  switch (change.change) {
    case 'cancellation':
      return cancelTransaction(change, state);
    case 'parties':
      return attributeTransaction(change, state);
    case 'parties/removals':
      return unattributeTransaction(change, state);
  }
}

/** Handles any change of a transaction. */
export async function handleChange(log: Log, command: Command<ChangeTransaction>): Promise<Handled> {
  const { body: change, scope, ifMatch } = command;
  return await handle({
    log,
    decider: transaction,
    stream: `transaction-${change.transaction}`,
    scope,
    metadata: command.metadata(),
    ifMatch,
    decide: (state) => decide(change, state),
  });
}
