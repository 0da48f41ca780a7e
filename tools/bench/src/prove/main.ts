import { parseArgs } from 'node:util';
import { type Finding, proveDurability, proveOrder } from './prove-log.js';

const USAGE = `Usage: npm run prove -- log [--events 1000000] [--writers 16] [--processes 4] [--kills 20] [--only order|kill]

Appends by writers in several processes while a reader follows: none missed, none doubled, positions 1..N, every
stream 0..n. Then PostgreSQL is killed under the writers: every acknowledged append is there, once.
Exits 0 if nothing is wrong, 1 if something is.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '1000000' },
    writers: { type: 'string', default: '16' },
    processes: { type: 'string', default: '4' },
    kills: { type: 'string', default: '20' },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true || positionals[0] !== 'log') {
  process.stdout.write(USAGE);
  process.exit(values.help === true ? 0 : 2);
}

const options = {
  events: Number(values.events),
  writers: Number(values.writers),
  processes: Number(values.processes),
  kills: Number(values.kills),
  say: (line: string) => void process.stderr.write(`${line}\n`),
};

function tell({ part, events, appends, unknown, seconds, problems }: Finding): void {
  const counts = `${events} events of ${appends} appends (${unknown} without an answer) in ${seconds.toFixed(1)} s`;
  process.stdout.write(`${part}: ${counts}: ${problems.length === 0 ? 'nothing wrong' : 'WRONG'}\n`);
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

if (values.only !== 'kill') tell(await proveOrder(options));
if (values.only !== 'order') tell(await proveDurability(options));
