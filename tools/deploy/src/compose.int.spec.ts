import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isEventStoreDb } from '@annals/event-store';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { builtApps, faultsOf, isService, SECRETS, type App } from './fixtures/apps.js';
import { compose, environments, schemaFaults, type Compose, type ComposeService } from './fixtures/compose.js';
import { dockerfile } from './fixtures/dockerfile.js';
import { root } from './fixtures/files.js';
import { makeSecrets, secretNames } from './secrets.js';

let secrets = '';
let apps: App[] = [];
beforeAll(async () => {
  secrets = await mkdtemp(join(tmpdir(), 'annals-secrets-'));
  await makeSecrets(secrets, { server: 'postgres:5432' });
  apps = await builtApps();
});
afterAll(() => rm(secrets, { recursive: true }));

const port = dockerfile().env['PORT'] ?? '';

describe.each(Object.entries(environments))('docker-compose.yml, %s', (profile, env) => {
  const file: Compose = compose(env);
  const services = Object.entries(file.services);
  const ours = services.filter(([, { build }]) => build !== undefined);
  const active = services.filter(([, { profiles }]) => profiles === undefined || profiles.includes(profile));

  it('is as the Compose specification wants it', () => {
    expect(schemaFaults(file)).toEqual([]);
    expect(schemaFaults({ services: { ...file.services, more: { imagee: 'x' } } })).not.toEqual([]);
  });

  it('has a service for each app, by its name, built of the one Dockerfile', () => {
    expect(ours.map(([name]) => name).toSorted()).toEqual(apps.map(({ name }) => name).toSorted());
    for (const [name, { build, image }] of ours) {
      expect({ build, image }).toEqual({ build: { context: '.', dockerfile: 'deploy/Dockerfile', args: { APP: name } }, image: expect.stringMatching(new RegExp(`^annals/${name}:`)) });
      expect(existsSync(join(root, build?.dockerfile ?? ''))).toBe(true);
    }
  });

  it('gives each app an environment that the app accepts, and no variable that it does not read', () => {
    expect(apps.flatMap((app) => faultsOf(app, file.services[app.name]?.environment ?? {}, secrets))).toEqual([]);
  });

  it('finds a variable that is missing or misspelt', () => {
    for (const app of apps) {
      const environment = file.services[app.name]?.environment ?? {};
      for (const name of Object.keys(environment).filter((one) => one.endsWith('_URL') || one.endsWith('_FILE'))) {
        const { [name]: value = '', ...others } = environment;
        const misspelt = faultsOf(app, { ...others, [name.replace('_', '-')]: value }, secrets);
        expect({ app: app.name, name, faults: misspelt.length > 0 }).toEqual({ app: app.name, name, faults: true });
        const required = app.settings.shape[name.replace(/_FILE$/, '')]?.safeParse(undefined).success === false;
        if (required) expect(faultsOf(app, others, secrets)).not.toEqual([]);
      }
    }
  });

  it('mounts the secrets that are named, and no other', () => {
    for (const [name, { environment = {}, secrets: mounted = [] }] of services) {
      const named = Object.values(environment).filter((value) => value.startsWith(SECRETS)).map((value) => value.slice(SECRETS.length));
      expect({ name, secrets: mounted.toSorted() }).toEqual({ name, secrets: named.toSorted() });
    }
    expect(Object.keys(file.secrets).toSorted()).toEqual([...new Set(services.flatMap(([, service]) => service.secrets ?? []))].toSorted());
    for (const { file: path } of Object.values(file.secrets)) expect(secretNames.map((name) => `deploy/secrets/${name}`)).toContain(path);
  });

  it('keeps the log where the profile says', async () => {
    const urls = await Promise.all(['event-store-url', 'event-store-reader-url'].map((name) => readFile(join(secrets, file.secrets[name]?.file.replace('deploy/secrets/', '') ?? ''), 'utf8')));
    expect(urls.map((url) => ({ isEventStoreDb: isEventStoreDb(url), host: new URL(url).hostname }))).toEqual(urls.map(() => (profile === 'full' ? { isEventStoreDb: true, host: 'eventstoredb' } : { isEventStoreDb: false, host: 'postgres' })));
    expect(active.map(([name]) => name)).toContain(new URL(urls[0] ?? '').hostname);
  });

  it('gives keys, connections and administration to those alone who need them', () => {
    const having = (secret: string): string[] => services.filter(([, service]) => service.secrets?.includes(secret)).map(([name]) => name).toSorted();
    expect(having('master.key')).toEqual(['communications', 'customers', 'projections', 'transactions']);
    for (const secret of ['admin-url', 'log-owner-url', 'keys-owner-url']) expect(having(secret)).toEqual(['prepare']);
    expect(having('event-store-url')).toEqual(['analytics', 'communications', 'customers', 'prepare', 'transactions']);
    expect(file.services['gateway']?.secrets).toEqual(['token.pub']);
  });

  it('holds no secret itself', () => {
    for (const [name, { environment = {} }] of services) {
      const open = Object.entries(environment).filter(([variable, value]) => /PASSWORD|SECRET|TOKEN|KEY/.test(variable) && !value.startsWith(SECRETS));
      expect({ name, open }).toEqual({ name, open: [] });
      expect(Object.values(environment).filter((value) => /:\/\/[^/]*:[^/]*@/.test(value))).toEqual([]);
    }
  });

  it('names addresses where something listens', () => {
    const urls = services.flatMap(([, { environment = {} }]) => Object.values(environment)).filter((value) => value.startsWith('http://'));
    expect(urls.length).toBeGreaterThan(0);
    for (const url of urls) {
      const { hostname, port: named } = new URL(url);
      expect(apps.filter(isService).map(({ name }) => name)).toContain(hostname);
      expect(named).toBe(port);
    }
    expect(file.services['gateway']?.ports?.map((one) => one.split(':').at(-1))).toEqual([port]);
    for (const brokers of services.map(([, { environment }]) => environment?.['KAFKA_BROKERS']).filter((value) => value !== undefined)) {
      expect(`PLAINTEXT://${brokers}`).toBe(file.services['kafka']?.environment?.['KAFKA_ADVERTISED_LISTENERS']);
      expect(active.map(([name]) => name)).toContain('kafka');
    }
  });

  it('depends on what is there in every profile, in a state that it can reach', () => {
    const needed = services.flatMap(([, { depends_on = {} }]) => Object.entries(depends_on));
    expect(needed.length).toBeGreaterThan(5);
    for (const [other, { condition }] of needed) {
      expect({ other, image: file.services[other]?.image }).toEqual({ other, image: expect.any(String) });
      expect({ other, profiles: file.services[other]?.profiles }).toEqual({ other, profiles: undefined });
      if (condition === 'service_healthy') expect(file.services[other]?.healthcheck?.test).toBeDefined();
      if (condition === 'service_completed_successfully') expect(apps.filter((app) => !isService(app)).map(({ name }) => name)).toContain(other);
    }
  });

  it('declares every volume and network that is used, and mounts files that exist', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const named = mounts.filter((source) => !source.startsWith('.'));
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(file.volumes).toSorted());
    for (const source of mounts.filter((one) => one.startsWith('.'))) expect({ source, exists: existsSync(join(root, source)) }).toEqual({ source, exists: true });
    expect([...new Set(services.flatMap(([, { networks = [] }]) => networks))].toSorted()).toEqual(Object.keys(file.networks).toSorted());
  });

  it('lets in from outside the gateway and Grafana alone, on this machine', () => {
    const open = services.filter(([, { networks }]) => networks?.some((name) => file.networks[name]?.internal !== true));
    expect(open.map(([name]) => name)).toEqual(['gateway', 'grafana']);
    expect(services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['gateway', 'grafana']);
    for (const [, { ports = [] }] of open) for (const published of ports) expect(published).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('bounds and hardens every service', () => {
    for (const [name, service] of services) {
      const { cap_drop, security_opt, image, mem_limit: memory, cpus, pids_limit: processes } = service;
      expect({ name, cap_drop, security_opt }).toEqual({ name, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect({ name, memory, cpus, processes }).toEqual({ name, memory: expect.any(String), cpus: expect.any(Number), processes: expect.any(Number) });
      expect({ name, image }).toEqual({ name, image: expect.stringMatching(/:v?\d+\.\d+[^:]*$/) });
    }
    // The images of these two write their own configuration.
    expect(services.filter(([, service]) => service.read_only !== true).map(([name]) => name)).toEqual(['kafka', 'eventstoredb']);
    for (const [name, { user, stop_grace_period: grace }] of ours) expect({ name, user, grace }).toEqual({ name, user: '1000:1000', grace: '15s' });
  });

  it('watches the health of every service that stays', () => {
    const isWatched = ({ build, healthcheck }: ComposeService): boolean => (build === undefined ? healthcheck?.test !== undefined : healthcheck?.disable !== true);
    expect(services.filter(([, service]) => !isWatched(service)).map(([name]) => name)).toEqual(['prepare']);
  });
});
