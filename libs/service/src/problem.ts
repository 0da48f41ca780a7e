import { STATUS_CODES } from 'node:http';
import type { Problem } from '@annals/contracts';
import { AppendTooLarge, EventIdInUse, StoreUnavailable, StreamFull } from '@annals/event-store';
import { CommandRejected, type RejectionKind } from '@annals/kernel';
import { KeyStoreUnavailable } from '@annals/sealing';
import { HttpException } from '@nestjs/common';
import { ContractBroken } from './contract.js';

/** RFC 9457 problem details as this system answers them: always with a code and a sentence. */
export type Answered = Problem & { readonly code: string; readonly detail: string };

/** The Idempotency-Key came before, with another body. Answered with 422. */
export class KeyReused extends Error {
  override readonly name = 'KeyReused';
}

/** The record is no longer at the revision that If-Match names. Answered with 412. */
export class RevisionLost extends Error {
  override readonly name = 'RevisionLost';
  constructor(
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`the record is at revision ${actual}, not at ${expected}`);
  }
}

/** Who sends the request is not known. Answered with 401. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
  constructor(
    message: string,
    /** What RFC 6750 calls it, where a token was sent. */
    readonly error?: 'invalid_token',
  ) {
    super(message);
  }
}

/** A client sends more than it may. Answered with 429. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
}

/** Something that the service needs does not answer, or one record is written by too many at once: try again. Answered with 503. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

const rejected: Readonly<Record<RejectionKind, number>> = { conflict: 409, 'not-found': 404, forbidden: 403 };

/** Says what an error means to the caller. What is not known is our fault: 500, without a word about it. */
export function problemOf(error: unknown): Answered {
  return ofCaller(error) ?? ofCommand(error) ?? ofStore(error) ?? ofHttp(error) ?? problem(500, 'internal', 'Something went wrong on our side; the log has it under the correlation id.');
}

function ofCaller(error: unknown): Answered | undefined {
  if (error instanceof Unauthenticated) return problem(401, error.error === undefined ? 'token-missing' : 'token-refused', error.message);
  if (error instanceof TooManyRequests) return problem(429, 'too-many-requests', 'You send more requests than you may; try again after Retry-After.');
  return undefined;
}

function ofCommand(error: unknown): Answered | undefined {
  if (error instanceof ContractBroken) {
    return { ...problem(400, 'contract-broken', 'The request is not what the contract asks for.'), errors: [...error.faults] };
  }
  if (error instanceof CommandRejected) return problem(rejected[error.kind], error.code, error.detail);
  if (error instanceof RevisionLost) return problem(412, 'revision-lost', `If-Match: ${error.message}.`);
  if (error instanceof KeyReused) {
    return problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used before, with another body.');
  }
  return undefined;
}

function ofStore(error: unknown): Answered | undefined {
  if (error instanceof StreamFull) return problem(409, 'stream-full', 'This record holds 10,000 events and takes no more.');
  if (error instanceof EventIdInUse) return problem(409, 'event-id-in-use', 'An event of this command is in the log already, on another stream.');
  if (error instanceof AppendTooLarge) return problem(413, 'event-too-large', `What would be recorded is too large: ${error.detail}.`);
  if (error instanceof StoreUnavailable) return problem(503, 'event-store-unavailable', 'The log does not answer; try again.');
  if (error instanceof KeyStoreUnavailable) return problem(503, 'key-store-unavailable', 'The keys of personal fields do not answer; try again.');
  if (error instanceof Unavailable) return problem(503, error.code, error.detail);
  return undefined;
}

function ofHttp(error: unknown): Answered | undefined {
  if (!(error instanceof HttpException)) return undefined;
  const status = error.getStatus();
  const title = STATUS_CODES[status] ?? 'Error';
  return status < 500 ? problem(status, title.toLowerCase().replaceAll(' ', '-'), error.message) : undefined;
}

/** Problem details. */
export function problem(status: number, code: string, detail: string): Answered {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail };
}

