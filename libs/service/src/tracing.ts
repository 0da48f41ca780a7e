import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** What follows the log tells of events that are news; a rebuild goes through years of them. */
const NEWS_MS = 600_000;
const FAULT = 500;
/** For one export, and for the last one while a service ends: it has 10 s for all. */
const EXPORT_WITHIN_MS = 2_000;

/** This process's: there is one service a process. Undefined where nobody collects traces. */
let tracer: Tracer | undefined;

/** An event as a trace sees it. */
export interface TracedEvent {
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
  readonly metadata: { readonly traceparent?: string | undefined };
}

/**
 * Begins to tell of requests and events, to a collector by OTLP over HTTP. A trace goes on from the caller's `traceparent`,
 * through the event's metadata, to what follows the log: see `traceEvents`. What is not sampled by the caller is left out.
 *
 * @param service - the name of the resource
 * @param endpoint - of the collector, `http://host:4318`
 * @returns ends it, and sends what is still to be sent
 */
export function startTracing(service: string, endpoint: string): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: new URL('v1/traces', endpoint.endsWith('/') ? endpoint : `${endpoint}/`).href, timeoutMillis: EXPORT_WITHIN_MS });
  // Its queue is bounded (2,048 spans): where the collector is away they are dropped, and nobody waits.
  const provider = new BasicTracerProvider({ resource: resourceFromAttributes({ 'service.name': service }), spanProcessors: [new BatchSpanProcessor(exporter)] });
  tracer = provider.getTracer('annals');
  return async () => {
    tracer = undefined;
    // A collector that is away must not keep a service from ending in order.
    await Promise.race([provider.shutdown().catch(() => undefined), sleep(EXPORT_WITHIN_MS, undefined, { ref: false })]);
  };
}

/** Whether anybody collects traces. */
export const isTracing = (): boolean => tracer !== undefined;

/** Makes a span of each request: its route and status, and nothing that says whom it is about. */
export function traceRequests(server: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook('onRequest', (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
    const route = request.routeOptions.url ?? 'none';
    if (tracer !== undefined && !route.startsWith('/health/') && route !== '/metrics') {
      const attributes = { 'http.request.method': request.method, 'http.route': route };
      const span = tracer.startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, contextOf(request.headers['traceparent']));
      spans.set(request, span);
      // Whoever reads it next, here or upstream, goes on from this span.
      request.raw.headers['traceparent'] = traceparentOf(span);
    }
    done();
  });
  server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (reply.statusCode >= FAULT) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}

/**
 * Makes a span of each event that somebody has handled, in the trace of the request that it came of.
 *
 * @param what - `apply card`
 * @param begun - when that was begun, in milliseconds since the epoch; it ends now
 */
export function traceEvents(what: string, events: Iterable<TracedEvent>, begun: number): void {
  if (tracer === undefined) return;
  for (const { type, recordedAt, metadata: { traceparent } } of events) {
    if (traceparent === undefined || recordedAt < begun - NEWS_MS) continue;
    tracer.startSpan(what, { kind: SpanKind.CONSUMER, startTime: begun, attributes: { 'annals.event.type': type } }, contextOf(traceparent)).end();
  }
}

/** Of a remote span; the beginning of a trace where there is none, or it is malformed (W3C Trace Context). */
function contextOf(traceparent: unknown): Context {
  const [, traceId, spanId, flags = ''] = TRACEPARENT.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
