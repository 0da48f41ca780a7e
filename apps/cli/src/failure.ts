import { isNativeError } from 'node:util/types';

import { RestoreRefused, StoreUnavailable, UnreadableLog } from '@annals/event-store';
import { LocalError } from '@annals/local';
import { KeysRefused, UnusableKeyFile } from '@annals/sealing';

import { CommandFailed, exitCodes } from './exit-codes.js';

const TOLD = [RestoreRefused, UnreadableLog, KeysRefused, UnusableKeyFile];

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file may not be as large there',
  EACCES: 'this account may not read or write there',
  EPERM: 'this account may not read or write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'it is missing',
  ENOTDIR: 'the folder is a file',
  EEXIST: 'the folder is a file',
  ERR_INVALID_URL: "the database's address is no URL",
  '28000': 'the database does not let this role in',
  '28P01': 'the database refuses the password',
  '3D000': 'there is no such database',
  '42501': 'the role in the database may not do this',
  '53100': "the database's disk is full",
};

/** Of the network, and of a PostgreSQL that starts or ends. */
const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', '57P01', '57P02', '57P03']);
/** What pg says without a code where a connection breaks off, or is not made in time. */
const AWAY_SAID = /^(Connection terminated|timeout expired)/;

/** The code of a system's or a database's error. */
export function codeOf(error: unknown): string | undefined {
  return isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What can go wrong with disks, databases and backups, as a sentence; everything else as it is. */
export function failureOf(error: unknown, what: string): unknown {
  if (error instanceof CommandFailed || !isNativeError(error)) return error;
  if (error instanceof StoreUnavailable) return new CommandFailed(`${what}: ${error.message}.`, exitCodes.unreachable);
  if (isAway(error)) return new CommandFailed(`${what}: the database does not answer.`, exitCodes.unreachable);
  const reason = reasonOf(error);
  return reason === undefined ? error : new CommandFailed(`${what}: ${reason}.`);
}

function reasonOf(error: Error): string | undefined {
  // Its messages are whole sentences.
  if (error instanceof LocalError) return error.message.replace(/\.$/, '');
  return TOLD.some((kind) => error instanceof kind) ? error.message : REASONS[codeOf(error) ?? ''];
}

const isAway = (error: Error): boolean => AWAY.has(codeOf(error) ?? '') || AWAY_SAID.test(error.message);
