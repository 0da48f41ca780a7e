import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { department, role, type Role } from '@annals/contracts';
import { ALL_DEPARTMENTS, keyPairFiles, signingKey, signToken, UnusableTokenKey } from '@annals/tokens';
import { InvalidArgumentError, Option, type Command } from 'commander';

import { dataDirectory } from '../config.js';
import type { Run } from '../context.js';
import { CommandFailed, exitCodes } from '../exit-codes.js';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_SECONDS = 366 * SECONDS.d;

interface Options {
  readonly subject: string;
  readonly role: readonly Role[];
  readonly department: readonly string[];
  readonly service?: true;
  readonly expires: number;
  readonly key?: string;
  readonly dataDir?: string;
}

/** `annals token` */
export function token(program: Command, run: Run): void {
  program
    .command('token')
    .description('sign a token for somebody, with the data directory\'s key or with another')
    .requiredOption('--subject <id>', 'whom it is for, as the record will name them: no name, no address')
    .addOption(new Option('--role <role...>', 'what they may do').choices(role.options).makeOptionMandatory())
    .option('--department <path...>', `where they may do it, with all below; ${ALL_DEPARTMENTS} is everywhere`, departments, [])
    .option('--service', 'it is for a program and not for a person')
    .option('--expires <time>', 'how long it is good: 90s, 30m, 8h, 30d', seconds, 8 * SECONDS.h)
    .option('--key <file>', 'a private Ed25519 key in PEM')
    .option('--data-dir <dir>', 'whose key signs; the environment may name it as ANNALS_DATA_DIR', dataDirectory())
    .action(async ({ subject, role: roles, department: paths, service, expires, key, dataDir }: Options) => {
      const file = key ?? (dataDir === undefined ? undefined : join(dataDir, keyPairFiles.signing));
      if (file === undefined) throw new CommandFailed('Say which key signs: --key FILE, or --data-dir DIR.', exitCodes.usage);
      const grant = { subject, roles, departments: paths, kind: service === true ? 'service' : 'person', expiresIn: expires } as const;
      run.streams.out.write(`${await signToken(grant, await keyIn(file))}\n`);
    });
}

function departments(path: string, before: readonly string[]): string[] {
  if (path !== ALL_DEPARTMENTS && !department().safeParse(path).success) throw new InvalidArgumentError('A department is a path like emea/uk/support.');
  return [...before, path];
}

function seconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,8})([smhd])$/.exec(text) ?? [];
  const found = Number(count) * (SECONDS[unit as keyof typeof SECONDS] ?? 0);
  if (found < 1 || found > MAX_SECONDS) throw new InvalidArgumentError('A time is like 90s, 30m, 8h or 30d, and at most 366d.');
  return found;
}

async function keyIn(file: string) {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) throw new UnusableTokenKey('It is open to others than its owner: chmod 600 it.');
    return signingKey(await readFile(file, 'utf8'));
  } catch (error) {
    const why = error instanceof UnusableTokenKey ? error.message : 'It cannot be read.';
    throw new CommandFailed(`The key file ${file} cannot be used. ${why}`);
  }
}
