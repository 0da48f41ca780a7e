import { isNativeError } from 'node:util/types';

import { RestoreRefused, StoreUnavailable, UnreadableLog } from '@annals/event-store';
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
  ENOTDIR: 'the folder is a file',
  EEXIST: 'the folder is a file',
  '42501': 'the role in the database may not do this',
  '28P01': 'the database refuses the password',
};

/** What can go wrong with disks, databases and backups, as a sentence; everything else as it is. */
export function failureOf(error: unknown, what: string): unknown {
  if (error instanceof CommandFailed || !isNativeError(error)) return error;
  if (error instanceof StoreUnavailable) return new CommandFailed(`${what}: ${error.message}.`, exitCodes.unreachable);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return new CommandFailed(`${what}: the database does not answer.`, exitCodes.unreachable);
  const reason = TOLD.some((kind) => error instanceof kind) ? error.message : REASONS[code];
  return reason === undefined ? error : new CommandFailed(`${what}: ${reason}.`);
}
