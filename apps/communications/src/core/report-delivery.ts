import { canonicalJson, type CommunicationEvent, type ReportDelivery } from '@annals/contracts';
import { CommandRejected } from '@annals/kernel';
import { mustBeLogged, mustHaveRoom, type Communication } from './communication.js';

/** Keeps a provider's report, in whatever order it comes; the same one again says nothing new. */
export function reportDelivery({ status, attempt, error, providerAt }: ReportDelivery, state: Communication): CommunicationEvent[] {
  const logged = mustBeLogged(state);
  const report = { status, attempt, providerAt, ...(error !== undefined && { error }) };
  if (logged.reports.includes(canonicalJson(report))) return [];
  mustHaveRoom(logged, 'reports');
  return [{ type: 'DeliveryReported', data: report }];
}

/** The same, of a communication that the provider knows by its own reference: its callback may be faster than the logging. */
export function reportDeliveryByReference(command: ReportDelivery, state: Communication): CommunicationEvent[] {
  if (state.kind === 'logged') return reportDelivery(command, state);
  throw new CommandRejected(
    'not-found',
    'communication-not-yet-logged',
    'No communication with this reference is logged yet. Send the report again later: it may have overtaken the communication.',
  );
}
