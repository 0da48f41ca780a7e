import { join } from 'node:path';

import { Option, type Command } from 'commander';

import { keysIn, type SetName } from '../backup/manifest.js';
import { verifyBackup, type Verified } from '../backup/verify.js';
import { interruptibly, type Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { Terminal } from '../terminal.js';

interface Options {
  readonly keysDir?: string;
  readonly only?: SetName;
  readonly expired?: true;
  readonly json?: true;
}

/** `annals backup verify DIR` */
export function backupVerify(backup: Command, run: Run): void {
  backup
    .command('verify')
    .argument('<dir>', 'what annals backup wrote')
    .description('read a backup from end to end, without any database, and name the first place that is not as it was written')
    .option('--keys-dir <dir>', 'the folder that holds keys/, where it is another')
    .addOption(new Option('--only <set>', 'verify one set alone').choices(['log', 'keys']))
    .option('--expired', 'take a backup whose time is over')
    .option('--json', 'print results as JSON')
    .action(async (dir: string, { only, keysDir = dir, expired, json }: Options) => {
      const terminal = new Terminal(run.streams, json === true);
      const verifying = { log: only === 'keys' ? undefined : join(dir, 'log'), keys: only === 'log' ? undefined : join(keysDir, 'keys'), evenExpired: expired === true, terminal };
      const verified = await interruptibly('Interrupted.', (signal) => verifyBackup({ ...verifying, signal })).catch((error: unknown) => {
        throw failureOf(error, 'The backup cannot be verified');
      });
      terminal.result(resultOf(verified), textOf(verified));
      run.exitCode = exitCodes.done;
    });
}

function resultOf({ log, keys }: Verified): object {
  return { ...commonOf({ log, keys }), events: log?.position, keys: keys && keysIn(keys) };
}

function commonOf({ log, keys }: Verified) {
  const { backupId = '', logId = '', takenAt = '', expiresAt = '' } = log ?? keys ?? {};
  return { backupId, logId, takenAt, expiresAt };
}

function textOf(verified: Verified): string {
  const { log, keys } = verified;
  const held = [log && `${log.position} events`, keys && `${keysIn(keys)} keys`].filter((text) => text !== undefined).join(' and ');
  const master = keys?.hasMasterKey === false ? ' It was taken without the master key: whether that opens the keys is not verified.' : '';
  const { backupId, logId, takenAt, expiresAt } = commonOf(verified);
  return `Backup ${backupId} of log ${logId}, taken at ${takenAt}, is whole: ${held}. It expires at ${expiresAt}.${master}`;
}
