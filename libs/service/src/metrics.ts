import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** This process's metrics: there is one service a process. */
export const registry = new Registry();

collectDefaultMetrics({ register: registry });

/** How long requests took, by route pattern. */
export const requestSeconds = new Histogram({
  name: 'annals_http_request_duration_seconds',
  help: 'Time from the request to the end of its answer',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
});

/** How long appends took, group commit included. */
export const appendSeconds = new Histogram({
  name: 'annals_append_duration_seconds',
  help: 'Time from an append to its being durable',
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  registers: [registry],
});

/** How many appends went to the database together. */
export const appendGroup = new Histogram({
  name: 'annals_append_group_size',
  help: 'Appends that were sent as one group',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000],
  registers: [registry],
});

const MEASURE_WITHIN_MS = 2_500;

/** A value that is looked up when it is asked for. */
export interface Measured {
  /** Of the metric; `annals_...`. */
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Gauges that are looked up at each scrape, together. What cannot be looked up within 2.5 s is left out of that scrape: a
 * database that is away must not keep `/metrics` from answering. Gauges that were there by these names are replaced.
 *
 * @param gauges - by name, what they say and by which labels
 * @param measure - called once a scrape
 */
export function measureAtScrape<Name extends string>(gauges: Readonly<Record<Name, { readonly help: string; readonly labels?: readonly string[] }>>, measure: () => Promise<readonly (Measured & { readonly name: Name })[]>): void {
  let scrape: Promise<readonly Measured[]> | undefined;
  const measured = (): Promise<readonly Measured[]> => {
    scrape ??= within(measure()).finally(() => (scrape = undefined));
    return scrape;
  };
  for (const [name, { help, labels = [] }] of Object.entries<{ readonly help: string; readonly labels?: readonly string[] }>(gauges)) {
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      async collect() {
        const found = await measured();
        this.reset();
        // Without labels a reset gauge is 0, which would be a lie.
        if (labels.length === 0) this.remove();
        for (const one of found) if (one.name === name) this.set(one.labels ?? {}, one.value);
      },
    });
  }
}

/** Nothing, where it fails or takes too long. */
async function within(measuring: Promise<readonly Measured[]>): Promise<readonly Measured[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Measured[]>((resolve) => {
    timer = setTimeout(resolve, MEASURE_WITHIN_MS, []);
  });
  const found = await Promise.race([measuring.catch(() => []), late]);
  clearTimeout(timer);
  return found;
}
