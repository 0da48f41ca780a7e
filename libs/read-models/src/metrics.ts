import type { ReadModelStatus } from '@annals/contracts';
import type { EventStore } from '@annals/event-store';
import { measureAtScrape, secondsBehind } from '@annals/service';

const labels = ['read_model', 'state'];

const GAUGES = {
  annals_read_model_position: { help: 'Position of the log up to which a generation has applied everything.', labels },
  annals_read_model_lag: { help: 'Positions of the log between its head and what a generation has applied.', labels },
  annals_read_model_lag_seconds: { help: 'Age of the oldest event that a generation has not applied; 0 where there is none.', labels },
  annals_read_model_parked: { help: 'Streams that could not be applied and are left out until they can.', labels },
  annals_read_model_bytes: { help: 'What a generation takes on the disk, indexes included.', labels },
} as const;

/**
 * How far the read models are, as metrics: of each its live generation (`state="live"`) and the one that is being built, as
 * they are stored, whichever process feeds them.
 */
export function measureReadModels(store: EventStore, status: () => Promise<readonly ReadModelStatus[]>): void {
  measureAtScrape(GAUGES, async () => {
    const rows = await status();
    const measured = await Promise.all(rows.map(async ({ name: read_model, state, position, lag, parked, sizeBytes }) => {
      const behind = lag === 0 ? 0 : await secondsBehind(store, position);
      const of = { read_model, state };
      return [
        { name: 'annals_read_model_position', labels: of, value: position },
        { name: 'annals_read_model_lag', labels: of, value: lag },
        { name: 'annals_read_model_lag_seconds', labels: of, value: behind },
        { name: 'annals_read_model_parked', labels: of, value: parked },
        { name: 'annals_read_model_bytes', labels: of, value: sizeBytes },
      ] as const;
    }));
    return measured.flat();
  });
}
