import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

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
