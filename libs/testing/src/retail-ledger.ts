import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Where the Online Retail ledger (gzipped CSV) lies, which is no part of this project: `ANNALS_RETAIL_CSV`, else
 * beside the workspace; undefined where it is absent. For `itWhere`.
 */
export function retailLedger(): string | undefined {
  const beside = fileURLToPath(new URL('../../../../shared/data/online-retail/online-retail.csv.gz', import.meta.url));
  const path = process.env['ANNALS_RETAIL_CSV'] ?? beside;
  return existsSync(path) ? path : undefined;
}
