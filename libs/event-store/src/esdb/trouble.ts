import { type CommandError, ErrorType, isCommandError } from '@eventstore/db-client';
import { status, type ServiceError } from '@grpc/grpc-js';
import { StoreUnavailable, UnreadableLog } from '../errors.js';

/** No answer, or no more of it, within the time that an attempt waits. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** The client's appends have no time limit of their own once they are sent. @throws NoAnswer */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the server decided: no repetition changes it. */
const DECIDED = new Set<string>([
  ErrorType.WRONG_EXPECTED_VERSION,
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.STREAM_DELETED,
  ErrorType.STREAM_NOT_FOUND,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.INVALID_TRANSACTION,
  ErrorType.MISSING_REQUIRED_METADATA_PROPERTY,
]);
const DECIDED_CODES = new Set<number>([status.INVALID_ARGUMENT, status.FAILED_PRECONDITION, status.OUT_OF_RANGE, status.UNIMPLEMENTED]);
const REFUSED_CODES = new Set<number>([status.PERMISSION_DENIED, status.UNAUTHENTICATED]);
// The client has no class for it: discovery.js throws a plain Error.
const NOT_DISCOVERED = 'Failed to discover';

/** Whether an error is one of a gRPC call, as reads give it. */
export function isCallError(error: unknown): error is ServiceError {
  return error instanceof Error && !isCommandError(error) && 'code' in error && typeof error.code === 'number';
}

/** Which of the client's errors it is; undefined for any other. */
export function commandErrorOf(error: unknown): CommandError | undefined {
  return error instanceof Error && isCommandError(error) ? error : undefined;
}

/** Whether the server knows the user and does not let them do it, or does not know them. */
export function isRefusal(error: unknown): boolean {
  if (commandErrorOf(error)?.type === ErrorType.ACCESS_DENIED) return true;
  return isCallError(error) && REFUSED_CODES.has(error.code);
}

/** Whether trying again may help: nobody answered, or who answered could not decide. */
export function isTransient(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (error instanceof UnreadableLog || error instanceof StoreUnavailable || isRefusal(error)) return false;
  const command = commandErrorOf(error);
  if (command !== undefined) return !DECIDED.has(command.type);
  if (isCallError(error)) return !DECIDED_CODES.has(error.code);
  return error instanceof Error && error.message.startsWith(NOT_DISCOVERED);
}

/** What the callers are told when trying again has not helped. */
export function unavailable(error: unknown): StoreUnavailable {
  if (isRefusal(error)) return new StoreUnavailable('EventStoreDB does not let the user of EVENT_STORE_URL read and append', { cause: error });
  return new StoreUnavailable(`EventStoreDB does not answer: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
