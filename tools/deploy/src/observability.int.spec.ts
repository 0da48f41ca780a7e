import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtServices, startSystem, type System } from '@annals/local';
import { eventually, freePort } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { builtApps, isService } from './fixtures/apps.js';
import { compose } from './fixtures/compose.js';
import { dockerfile } from './fixtures/dockerfile.js';
import { root, textOf } from './fixtures/files.js';
import { metricsOf, queryOf, type Sample } from './fixtures/promql.js';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly datasource: { readonly uid: string }; readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }; readonly targets: readonly { readonly expr: string }[] }[];
}

const { groups }: { groups: { rules: Alert[] }[] } = parse(textOf('deploy/prometheus/rules/annals.yml'));
const alerts = groups.flatMap(({ rules }) => rules);
const dashboards = readdirSync(join(root, 'deploy/grafana/dashboards')).map((file): Dashboard => JSON.parse(textOf(`deploy/grafana/dashboards/${file}`)));

/** Said by Prometheus itself of whatever it scrapes. */
const OF_PROMETHEUS = { metrics: ['up'], labels: ['job', 'instance', 'le'] };

let dataDir = '';
let system: System;
/** An instance that is to publish to brokers that are away. */
let publisher: ChildProcess;
let publisherUrl = '';

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'annals-metrics-'));
  system = await startSystem({ dataDir, services: builtServices(root), durable: false });
  const { eventStore, keyStore } = system.databases;
  const env = { EVENT_STORE_URL: eventStore, KEY_STORE_URL: keyStore, MASTER_KEY_FILE: join(dataDir, 'master.key'), DEPLOYMENT_KEY_FILE: join(dataDir, 'deployment.key'), KAFKA_BROKERS: `127.0.0.1:${await freePort()}` };
  publisher = spawn(process.execPath, [join(root, 'apps/customers/dist/main.js')], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port }] = (await once(publisher, 'message')) as [{ port: number }];
  publisherUrl = `http://127.0.0.1:${port}`;
  const body = JSON.stringify({ kind: 'person', name: { full: 'Amina Yusuf' } });
  const { status } = await fetch(`${system.url}/customers`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(status).toBe(201);
}, 240_000);
afterAll(async () => {
  publisher?.kill('SIGKILL');
  await system?.stop({ quickly: true });
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

const scrape = async (url: string | undefined): Promise<ReturnType<typeof metricsOf>> => metricsOf(await (await fetch(`${url ?? ''}/metrics`)).text());
const everything = async (): Promise<ReturnType<typeof metricsOf>[]> => await Promise.all([publisherUrl, ...Object.values(system.serviceUrls)].map(scrape));

/** What one service says of a metric: a value by its labels, or one alone. */
async function valuesOf(service: string, name: string): Promise<Record<string, number>> {
  const { samples } = await scrape(service === 'publisher' ? publisherUrl : system.serviceUrls[service]);
  return Object.fromEntries(samples.filter((sample) => sample.name === name).map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

describe('the metrics of a running system', () => {
  it.each([
    ['projections', ['card live', 'records live', 'timeline live']],
    ['analytics', ['features live', 'memberships live']],
    ['communications', ['matching live']],
  ])('say of each read model of %s how far it is', async (service, models) => {
    await eventually(async () => {
      const lag = await valuesOf(service, 'annals_read_model_lag');
      expect(lag).toEqual(Object.fromEntries(models.map((model) => [model, 0])));
      expect(await valuesOf(service, 'annals_read_model_lag_seconds')).toEqual(lag);
    }, { withinMs: 30_000 });
    const { '': head } = await valuesOf(service, 'annals_log_position');
    expect(head).toBeGreaterThan(0);
    for (const model of models) expect((await valuesOf(service, 'annals_read_model_position'))[model]).toBe(head);
    for (const model of models) expect((await valuesOf(service, 'annals_read_model_parked'))[model]).toBe(0);
    for (const model of models) expect((await valuesOf(service, 'annals_read_model_bytes'))[model]).toBeGreaterThan(0);
  });

  it('say how long appends took and how many went together', async () => {
    const { '': appends = 0 } = await valuesOf('customers', 'annals_append_duration_seconds_count');
    expect(appends).toBeGreaterThanOrEqual(1);
    expect((await valuesOf('customers', 'annals_append_group_size_count'))['']).toBeGreaterThanOrEqual(1);
    expect((await valuesOf('customers', 'annals_append_group_size_sum'))['']).toBeGreaterThanOrEqual(appends);
    expect((await valuesOf('transactions', 'annals_append_group_size_count'))['']).toBe(0);
  });

  it('say what each service stands on', async () => {
    expect(await valuesOf('customers', 'annals_dependency_ready')).toEqual({ 'key-store': 1, 'event-store': 1 });
    expect(await valuesOf('gateway', 'annals_dependency_ready')).toMatchObject({ customers: 1, projections: 1 });
  });

  it('say that an instance does not publish while there is no broker, and claim nothing more', async () => {
    expect(await valuesOf('publisher', 'annals_relay_leading')).toEqual({ '': 0 });
    expect(await valuesOf('publisher', 'annals_relay_refused')).toEqual({ '': 0 });
    expect(await valuesOf('publisher', 'annals_relay_lag')).toEqual({});
  });

  it('are those that the guide speaks of', async () => {
    const named = new Set(textOf('docs/guides/run-it-for-real.md').match(/\bannals_\w+/g));
    const there = new Set((await everything()).flatMap(({ samples, known }) => [...samples.map(({ name }) => name), ...known.keys()]).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')));
    expect(named.size).toBeGreaterThan(8);
    expect([...named].filter((name) => !there.has(name))).toEqual([]);
  });

  it('name nobody', async () => {
    for (const { samples } of await everything()) expect(JSON.stringify(samples)).not.toMatch(/Amina|Yusuf/);
  });
});

describe('what watches a running system', () => {
  const asked = (): { what: string; expr: string }[] => [
    ...alerts.map(({ alert, expr }) => ({ what: alert, expr })),
    ...dashboards.flatMap(({ panels }) => panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ what: title, expr })))),
  ];

  it('asks for metrics and labels that there are', async () => {
    const all = await everything();
    const known = new Set([...OF_PROMETHEUS.metrics, ...all.flatMap((one) => [...one.known.keys()])]);
    const samples: Sample[] = all.flatMap((one) => one.samples);
    const faults = asked().flatMap(({ what, expr }) => {
      const { metrics, labels } = queryOf(expr);
      const there = new Set([...OF_PROMETHEUS.labels, ...samples.filter(({ name }) => metrics.includes(name)).flatMap((sample) => Object.keys(sample.labels))]);
      return [...metrics.filter((name) => !known.has(name)), ...labels.filter((label) => !there.has(label))].map((name) => `${what}: there is no ${name}`);
    });
    expect(faults).toEqual([]);
    expect(asked().length).toBeGreaterThan(alerts.length + 15);
  });

  it('would be found out if it asked for another', () => {
    expect(queryOf('max by (x) (rate(annals_a{b="c"}[5m])) > 1')).toEqual({ metrics: ['annals_a'], labels: ['x', 'b'] });
    expect(() => queryOf('max(annals_a')).toThrow(/not PromQL/);
  });

  it('has a page for each alert, and no page without one', () => {
    for (const { alert, annotations, labels } of alerts) {
      const page = textOf(annotations.runbook);
      expect(page.startsWith(`# ${alert}\n`)).toBe(true);
      for (const part of ['## What it means', '## What to look at', '## What to do']) expect(page).toContain(part);
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
    }
    const pages = readdirSync(join(root, 'docs/runbooks')).filter((name) => name !== 'README.md');
    expect(pages.map((name) => `docs/runbooks/${name}`).toSorted()).toEqual(alerts.map(({ annotations }) => annotations.runbook).toSorted());
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  it('scrapes every service where it listens', async () => {
    const config: { rule_files: string[]; scrape_configs: { job_name: string; metrics_path?: string; static_configs: { targets: string[] }[] }[] } = parse(textOf('deploy/prometheus/prometheus.yml'));
    const services = (await builtApps()).filter(isService).map(({ name }) => name);
    const targets = config.scrape_configs.map(({ job_name: job, static_configs: [first] }) => [job, first?.targets]);
    expect(Object.fromEntries(targets)).toEqual(Object.fromEntries(services.map((name) => [name, [`${name}:${dockerfile().env['PORT'] ?? ''}`]])));
    const jobs = /job=~"([^"]+)"/.exec(alerts.find(({ alert }) => alert === 'ServiceDown')?.expr ?? '')?.[1]?.split('|');
    expect(jobs?.toSorted()).toEqual(services.toSorted());
    expect(config.rule_files).toEqual(['rules/*.yml']);
    expect(readdirSync(join(root, 'deploy/prometheus/rules'))).toEqual(['annals.yml']);
  });

  it('is provisioned where Grafana looks for it', () => {
    const { providers }: { providers: { options: { path: string } }[] } = parse(textOf('deploy/grafana/provisioning/dashboards/annals.yml'));
    const [path = ''] = providers.map(({ options }) => options.path);
    const { volumes = [], environment = {} } = compose({}).services['grafana'] ?? {};
    expect(volumes).toContain(`./deploy/grafana/dashboards:${path}:ro`);
    const home = String(environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).replace(path, 'deploy/grafana/dashboards');
    expect(existsSync(join(root, home))).toBe(true);
  });

  it('draws what it asks the one Prometheus for, side by side', () => {
    const { datasources }: { datasources: { uid: string; url: string }[] } = parse(textOf('deploy/grafana/provisioning/datasources/prometheus.yml'));
    expect(datasources).toEqual([expect.objectContaining({ url: 'http://prometheus:9090' })]);
    for (const { panels } of dashboards) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const { datasource, gridPos: { x, w } } of panels) expect({ uid: datasource.uid, fits: x + w <= 24 }).toEqual({ uid: datasources[0]?.uid, fits: true });
    }
  });
});
