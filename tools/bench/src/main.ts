import { parseArgs } from 'node:util';

import { append } from './append/append.js';
import { customers } from './system/customers.js';
import { http } from './system/http.js';
import { importCsv, importLedger } from './system/import.js';
import { project } from './system/project.js';
import { records } from './system/records.js';
import { timeline } from './system/timeline.js';
import { visible } from './system/visible.js';
import { report, type Result } from './report.js';

const BENCHES: Readonly<Record<string, () => Promise<Result>>> = { append, project, visible, import: importLedger, 'import-csv': importCsv, http, timeline, customers, records };

const usage = `Usage: npm run bench -- NAME [--json FILE]

Names: ${Object.keys(BENCHES).join(', ')}
Prints medians and ranges of alternating runs, and each goal; exits 0 whether goals are met or not.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const name = positionals[0] ?? '';
const bench = BENCHES[name];
if (values.help === true || !bench) {
  process.stdout.write(usage);
  process.exit(values.help === true ? 0 : 2);
}
await report(name, await bench(), values.json);
process.exit(0);
