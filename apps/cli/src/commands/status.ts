import { systemStatus, type SystemStatus } from '@annals/contracts';
import type { Command } from 'commander';

import { inContext, withCommonOptions, type CommonOptions, type Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { textTable } from '../table.js';

/** `annals status` */
export function status(program: Command, run: Run): void {
  const command = program.command('status').description('show the log, where it is kept, and how far each read model has come');
  withCommonOptions(command).action(async (options: CommonOptions) => {
    await inContext(run, options, {}, async ({ client, terminal }) => {
      const found = await client.get('/status', systemStatus);
      terminal.result(found, textOf(found));
      return exitCodes.done;
    });
  });
}

const CALLERS = { unverified: 'unverified: whoever reaches Annals may do everything', token: 'known by signed tokens', oidc: 'known by an OpenID provider' } as const;

function textOf({ log, demo, dataDirectory, callers, kafka, readModels }: SystemStatus): string {
  const rows = readModels.map((each) => [each.name, each.state, each.generation, each.position, each.lag, each.parked, `${(each.sizeBytes / 1_048_576).toFixed(1)} MiB`]);
  return [
    `Log             ${log.id}`,
    `Position        ${log.position.toLocaleString('en-GB')}`,
    `Data directory  ${dataDirectory ?? 'not told'}`,
    `Data            ${demo ? 'DEMO (made up)' : 'your own'}`,
    `Callers         ${CALLERS[callers]}`,
    `Kafka           ${kafka === null ? 'none: read models are fed from the log' : kafka.brokers.join(', ')}`,
    '',
    textTable(['read model', 'state', 'generation', 'position', 'lag', 'parked', 'size'], rows),
    ...topicsText(readModels),
    ...readModels.filter(({ trouble }) => trouble !== null).map(({ name, state, trouble }) => `\n${name} (${state}) stands still: ${trouble ?? ''}`),
  ].join('\n');
}

/** How far behind its topics each read model is, where they are fed from Kafka. */
function topicsText(readModels: SystemStatus['readModels']): string[] {
  const rows = readModels.flatMap(({ name, refused, topics }) => topics.map((topic) => [topic.name, name, topic.lag ?? 'not told', refused]));
  return rows.length === 0 ? [] : ['', textTable(['topic', 'read model', 'lag', 'refused'], rows)];
}
