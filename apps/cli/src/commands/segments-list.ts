import { segmentsView, type SegmentsView } from '@annals/contracts';
import type { Command } from 'commander';

import { inContext, withCommonOptions, type CommonOptions, type Run } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { textTable } from '../table.js';

/** `annals segments list` */
export function segmentsList(segments: Command, run: Run): void {
  const command = segments.command('list').description('show the segments as trained last');
  withCommonOptions(command).action(async (options: CommonOptions) => {
    await inContext(run, options, {}, async ({ client, terminal }) => {
      const view = await client.get('/segments', segmentsView);
      terminal.result(view, segmentsText(view));
      return exitCodes.done;
    });
  });
}

/** The segments, each with its members and its centre. */
export function segmentsText({ segments, features, model, trainedAt, trainedOn, seed, silhouette }: SegmentsView): string {
  // Four digits tell enough; what unscaling leaves of a zero is a zero.
  const round = (value: number): number => (Math.abs(value) < 1e-6 ? 0 : Number(value.toPrecision(4)));
  const rows = segments.map(({ id, name, members, centroid }) => [name.en, name.zh, members ?? '', ...features.map((feature) => round(centroid[feature] ?? 0)), id]);
  return [
    `Model ${model}, trained ${trainedAt} on ${trainedOn.toLocaleString('en-GB')} customers with seed ${seed}; silhouette ${silhouette.toFixed(2)}`,
    textTable(['segment', '', 'members', ...features, 'id'], rows),
  ].join('\n');
}
