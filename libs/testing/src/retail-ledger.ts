import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Jest's `describe`, as far as it is needed here. */
export interface Describe {
  (title: string, body: () => void): void;
  skip(title: string, body: () => void): void;
}

/**
 * A suite on the Online Retail ledger (gzipped CSV), which is no part of this project: `ANNALS_RETAIL_CSV` says where
 * it lies, else it is looked for beside the workspace. Where it is absent the suite is reported as skipped, with the
 * reason on standard error.
 *
 * @param describe - jest's own
 * @param title - of the suite
 * @param body - the suite; gets the ledger's path
 */
export function describeRetailLedger(describe: Describe, title: string, body: (path: string) => void): void {
  const beside = fileURLToPath(new URL('../../../../shared/data/online-retail/online-retail.csv.gz', import.meta.url));
  const path = process.env['ANNALS_RETAIL_CSV'] ?? beside;
  if (existsSync(path)) {
    describe(title, () => {
      body(path);
    });
    return;
  }
  process.stderr.write(`Skipped: ${title}: there is no retail ledger at ${path}; set ANNALS_RETAIL_CSV.\n`);
  describe.skip(title, () => {
    body(path);
  });
}
