import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { builtApps, faultsOf, isService, SECRETS, type App } from './fixtures/apps.js';
import { dockerfile } from './fixtures/dockerfile.js';
import { textOf } from './fixtures/files.js';
import { files, manifests, modelFaults, resources, type Container, type Manifest, type Workload } from './fixtures/kubernetes.js';
import { makeSecrets, secretNames } from './secrets.js';

let secrets = '';
let apps: App[] = [];
beforeAll(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'annals-secrets-'));
  await makeSecrets(secrets, { server: 'db.example:5432' });
  apps = await builtApps();
});
afterAll(() => rm(secrets, { recursive: true }));

const all = manifests();
const isWorkload = (manifest: Manifest): manifest is Workload => ['Deployment', 'Job'].includes(manifest.kind);
const workloads = all.filter(isWorkload);
const deployments = workloads.filter(({ kind }) => kind === 'Deployment');
const port = Number(dockerfile().env['PORT']);

/** What an object says somewhere below `spec`. */
function specOf<T>(kind: string, name: string): T | undefined {
  const found: (Manifest & { spec?: T }) | undefined = all.find((one) => one.kind === kind && one.metadata.name === name);
  return found?.spec;
}

function containerOf({ metadata: { name }, spec }: Workload): Container {
  const [container, ...more] = spec.template.spec.containers;
  if (container === undefined || more.length > 0) throw new Error(`${name} has not one container`);
  return container;
}

function environmentOf(workload: Workload): Record<string, string> {
  const { env, envFrom = [] } = containerOf(workload);
  const shared = envFrom.map(({ configMapRef: { name } }) => {
    const map: (Manifest & { data?: Record<string, string> }) | undefined = all.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name);
    if (map?.data === undefined) throw new Error(`there is no ConfigMap ${name}`);
    return map.data;
  });
  return Object.assign({}, ...shared, Object.fromEntries(env.map(({ name, value }) => [name, value]))) as Record<string, string>;
}

describe('deploy/kubernetes', () => {
  it('is as the schemas of Kubernetes want it, with no field that they do not know', () => {
    expect(all.flatMap(modelFaults)).toEqual([]);
  });

  it('finds what the schemas do not allow', () => {
    const [some] = deployments;
    const wrong = (change: object): string[] => modelFaults({ ...some, ...change } as Manifest);
    expect(wrong({ spec: { ...some?.spec, replicaz: 2 } })).toEqual([expect.stringMatching(/no field \/spec\/replicaz$/)]);
    expect(wrong({ spec: { ...some?.spec, replicas: 'two' } })).toEqual([expect.stringMatching(/replicas must be integer/)]);
    expect(wrong({ specs: {} })).toEqual([expect.stringMatching(/no field \/specs$/)]);
    expect(wrong({ apiVersion: 'apps/v2' })).toEqual([expect.stringMatching(/nothing is known/)]);
  });

  it('names every file that is there', () => {
    expect(resources().toSorted()).toEqual(files().toSorted());
  });

  it('has a Deployment for each service and a Job for what ends', () => {
    expect(workloads.map(({ kind, metadata: { name } }) => `${kind} ${name}`).toSorted()).toEqual(apps.map((app) => `${isService(app) ? 'Deployment' : 'Job'} ${app.name}`).toSorted());
    for (const workload of workloads) expect(containerOf(workload).image).toMatch(new RegExp(`^annals/${workload.metadata.name}:\\d+\\.\\d+\\.\\d+$`));
  });

  it('gives each app an environment that the app accepts', () => {
    for (const workload of workloads) {
      const app = apps.find(({ name }) => name === workload.metadata.name);
      if (app === undefined) throw new Error(`no app ${workload.metadata.name}`);
      // What all share may be of no use to one of them.
      const { LOG_LEVEL: _level, ANNALS_TIME_ZONE: zone, ...own } = environmentOf(workload);
      expect(faultsOf(app, 'ANNALS_TIME_ZONE' in app.settings.shape && zone !== undefined ? { ...own, ANNALS_TIME_ZONE: zone } : own, secrets)).toEqual([]);
      const [[needed = ''] = []] = Object.entries(own).filter(([name]) => name.endsWith('_URL_FILE') || name.endsWith('S_URL'));
      const { [needed]: value = '', ...others } = own;
      expect({ app: app.name, faults: faultsOf(app, { ...others, [`${needed}X`]: value }, secrets).length }).toEqual({ app: app.name, faults: 2 });
    }
  });

  it('shares settings that some service reads', () => {
    const known = new Set(apps.flatMap(({ settings }) => Object.keys(settings.shape)));
    for (const manifest of all.filter(({ kind }) => kind === 'ConfigMap')) {
      const { data = {} }: { data?: Record<string, string> } = manifest as object;
      expect(Object.keys(data).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it('mounts by reference the secrets that are named, and no other, for the group of the process', () => {
    for (const workload of workloads) {
      const named = Object.values(environmentOf(workload)).filter((value) => value.startsWith(SECRETS)).map((value) => value.slice(SECRETS.length));
      const [volume] = workload.spec.template.spec.volumes;
      const items = volume?.projected.sources.flatMap(({ secret }) => secret.items) ?? [];
      expect({ of: workload.metadata.name, items: items.map(({ path }) => path).toSorted() }).toEqual({ of: workload.metadata.name, items: named.toSorted() });
      expect(items.filter(({ key, path }) => key !== path || !secretNames.includes(key))).toEqual([]);
      expect(volume?.projected.defaultMode).toBe(0o440);
      expect(containerOf(workload).volumeMounts).toEqual([{ name: volume?.name, mountPath: SECRETS.slice(0, -1), readOnly: true }]);
    }
  });

  it('refers to the secrets that the guide makes', () => {
    const guide = textOf('docs/guides/run-it-for-real.md').replaceAll('\\\n', ' ');
    const made = [...guide.matchAll(/create secret generic (\S+) (.*)/g)].map(([, name = '', files = '']) => [name, [...files.matchAll(/--from-file=(\S+)/g)].map(([, file = '']) => file).toSorted()] as const);
    const used = new Map<string, Set<string>>();
    for (const { spec } of workloads) {
      for (const { secret: { name, items } } of spec.template.spec.volumes.flatMap(({ projected }) => projected.sources)) {
        const keys = used.get(name) ?? new Set<string>();
        for (const { key } of items) used.set(name, keys.add(key));
      }
    }
    expect(Object.fromEntries(made)).toEqual(Object.fromEntries([...used].map(([name, keys]) => [name, [...keys].toSorted()])));
  });

  it('keeps the owners\' connections for the Job, and the keys from who needs none', () => {
    const having = (secret: string): string[] => workloads.filter(({ spec }) => JSON.stringify(spec.template.spec.volumes).includes(`"${secret}"`)).map(({ metadata }) => metadata.name).toSorted();
    expect(having('annals-admin')).toEqual(['prepare']);
    expect(having('annals-keys')).toEqual(['analytics', 'communications', 'customers', 'projections', 'transactions']);
    expect(having('master.key')).toEqual(['communications', 'customers', 'projections', 'transactions']);
    expect(having('event-store-reader-url')).toEqual(['prepare', 'projections']);
  });

  it('asks for health where the services answer, and calls them where they listen', () => {
    for (const deployment of deployments) {
      const { ports, startupProbe, livenessProbe, readinessProbe } = containerOf(deployment);
      expect(ports).toEqual([{ name: 'http', containerPort: port }]);
      for (const probe of [startupProbe, livenessProbe, readinessProbe]) expect(probe?.httpGet.port).toBe('http');
      expect([startupProbe, livenessProbe].map((probe) => probe?.httpGet.path)).toEqual(['/health/live', '/health/live']);
      const { name } = deployment.metadata;
      expect({ name, ready: readinessProbe?.httpGet.path }).toEqual({ name, ready: name === 'gateway' ? '/health/live' : '/health/ready' });
      expect(deployment.spec.template.metadata.annotations).toEqual({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port), 'prometheus.io/path': '/metrics' });
      for (const value of Object.values(environmentOf(deployment)).filter((one) => one.startsWith('http://'))) {
        const { hostname, port: named } = new URL(value);
        expect(specOf<{ ports: unknown }>('Service', hostname)?.ports).toEqual([{ name: 'http', port: Number(named), targetPort: 'http' }]);
      }
    }
  });

  it('selects by labels that the pods have', () => {
    for (const { metadata: { name }, spec } of deployments) {
      const labels = { 'app.kubernetes.io/name': name };
      expect(spec.template.metadata.labels).toMatchObject({ ...labels, 'app.kubernetes.io/part-of': 'annals' });
      expect(spec.selector).toEqual({ matchLabels: labels });
      expect(specOf<{ selector: unknown }>('Service', name)?.selector).toEqual(labels);
      expect(specOf<object>('PodDisruptionBudget', name)).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
      const scaler = specOf<{ scaleTargetRef: unknown; minReplicas: number }>('HorizontalPodAutoscaler', name);
      // One that may be away at a time is only then a promise.
      expect(scaler?.minReplicas ?? spec.replicas).toBe(2);
      if (scaler !== undefined) expect(scaler.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name });
    }
  });

  it('closes every pod to the network but for what is needed', () => {
    expect(specOf('NetworkPolicy', 'nothing')).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const usesData = workloads.filter(({ spec }) => spec.template.metadata.labels['annals/uses'] === 'data').map(({ metadata: { name } }) => name);
    expect(usesData.toSorted()).toEqual(apps.map(({ name }) => name).filter((name) => name !== 'gateway').toSorted());
    expect(specOf('NetworkPolicy', 'services')).toMatchObject({ podSelector: { matchLabels: { 'annals/uses': 'data' } }, ingress: [{ from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'gateway' } } }] }] });
  });

  it('hardens and bounds every pod', () => {
    for (const workload of workloads) {
      const { securityContext, automountServiceAccountToken, enableServiceLinks, terminationGracePeriodSeconds } = workload.spec.template.spec;
      const container = containerOf(workload);
      expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } });
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      expect({ automountServiceAccountToken, enableServiceLinks }).toEqual({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(Object.keys(container.resources.requests).toSorted()).toEqual(['cpu', 'memory']);
      expect(container.resources.limits['memory']).toBe(container.resources.requests['memory']);
      // 5 s before the signal, 10 s after it, and some air.
      if (workload.kind === 'Deployment') expect(terminationGracePeriodSeconds).toBe(20);
    }
  });
});
