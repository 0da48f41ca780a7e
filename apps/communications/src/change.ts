import type { CommandAnswer, CommunicationEvent, FollowUpEvent } from '@annals/contracts';
import { answer, Command, handle, type Call, type CommandBody, type Handled, type Log, type Occurrence } from '@annals/service';
import { communication, type Communication } from './core/communication.js';
import { followUp, type FollowUp } from './core/follow-up.js';

/** A command on one record that is there already. */
export interface Change<Body extends CommandBody> {
  readonly call: Call;
  /** Of the record. */
  readonly id: string;
  readonly body: Body;
}

/** Handles a command on a communication. @param unsaid - when it happened, where the body does not say so: now, if absent */
export async function onCommunication<Body extends CommandBody>(
  log: Log,
  command: Command<Body>,
  { id, unsaid }: { readonly id: string; readonly unsaid?: Occurrence },
  decide: (state: Communication, effectiveAt: string) => CommunicationEvent[],
): Promise<Handled> {
  const metadata = command.metadata(unsaid);
  return await handle({
    log,
    decider: communication,
    stream: `communication-${id}`,
    scope: command.scope,
    metadata,
    ifMatch: command.ifMatch,
    decide: (state) => decide(state, metadata.effectiveAt),
  });
}

/** Handles and answers a command on a communication. */
export async function changeCommunication<Body extends CommandBody>(
  log: Log,
  { call, id, body }: Change<Body>,
  decide: (state: Communication, command: Command<Body>, effectiveAt: string) => CommunicationEvent[],
): Promise<CommandAnswer> {
  const command = new Command(log.identities, call, body);
  return answer(call, '/communications', await onCommunication(log, command, { id }, (state, effectiveAt) => decide(state, command, effectiveAt)));
}

/** Handles and answers a command on a follow-up. */
export async function changeFollowUp<Body extends CommandBody>(log: Log, { call, id, body }: Change<Body>, decide: (state: FollowUp) => FollowUpEvent[]): Promise<CommandAnswer> {
  const command = new Command(log.identities, call, body);
  const handled = await handle({
    log,
    decider: followUp,
    stream: `followup-${id}`,
    scope: command.scope,
    metadata: command.metadata(),
    ifMatch: command.ifMatch,
    decide,
  });
  return answer(call, '/follow-ups', handled);
}
