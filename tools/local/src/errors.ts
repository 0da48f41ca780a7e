/** Exit codes of the commands that start things on this machine; see `LocalError`. */
export const exitCodes = {
  failed: 1,
  usage: 2,
  portTaken: 3,
  dataDirectoryInUse: 4,
  unsupportedPlatform: 5,
  diskFull: 6,
  keysMissing: 7,
} as const;

/**
 * Something about this machine keeps Annals from starting.
 *
 * The message is a whole sentence for the person at the terminal, who needs no stack to act on it.
 */
export class LocalError extends Error {
  override readonly name = 'LocalError';

  /**
   * @param message - what is wrong and what can be done, as a sentence
   * @param exitCode - what the process exits with; one of `exitCodes`
   */
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}

/**
 * The code of a Node system error (`ENOENT`, ...), or undefined for any other value.
 * The shape is asked, not the class: errors of Node's own may come from another realm than ours (jest's, a worker's).
 */
export function systemErrorCode(error: unknown): string | undefined {
  return hasText(error, 'code') ? error.code : undefined;
}

// Node's codes, and PostgreSQL's for a full disk.
const obstacles: Readonly<Record<string, readonly [string, number]>> = {
  ENOSPC: ['the disk is full', exitCodes.diskFull],
  EDQUOT: ['the disk quota is used up', exitCodes.diskFull],
  '53100': ['the disk is full', exitCodes.diskFull],
  EACCES: ['this account may not write there', exitCodes.failed],
  EPERM: ['this account may not write there', exitCodes.failed],
  EROFS: ['the file system is read-only', exitCodes.failed],
};

/**
 * An error as a sentence where it is one of the usual obstacles of a machine; every other as it is.
 *
 * @param what - the beginning of the sentence, without a full stop
 */
export function explained(error: unknown, what: string): unknown {
  if (error instanceof LocalError) return error;
  const [why, exitCode] = obstacles[systemErrorCode(error) ?? ''] ?? [];
  return why === undefined ? error : new LocalError(`${what}: ${why}.`, exitCode);
}

/** What an error says about itself, in its own words. */
export function messageOf(error: unknown): string {
  return hasText(error, 'message') ? error.message : String(error);
}

function hasText<Key extends string>(value: unknown, key: Key): value is Record<Key, string> {
  return typeof value === 'object' && value !== null && key in value && typeof Reflect.get(value, key) === 'string';
}
