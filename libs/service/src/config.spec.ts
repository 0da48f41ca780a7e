import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, logSettings, parseConfig, serviceSettings } from './config.js';

const schema = z.object({ ...serviceSettings, ...logSettings });
const log = { EVENT_STORE_URL: 'postgres://log', KEY_STORE_URL: 'postgres://keys', MASTER_KEY_FILE: '/m', DEPLOYMENT_KEY_FILE: '/d' };

const folder = mkdtempSync(join(tmpdir(), 'annals-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('settings of a service', () => {
  it('may be in files, which are named by the variable with _FILE behind its name', () => {
    const file = join(folder, 'event-store-url');
    writeFileSync(file, 'postgres://app:secret@db/log\n');
    const { EVENT_STORE_URL: _, ...others } = log;
    expect(parseConfig(schema, { ...others, EVENT_STORE_URL_FILE: file })).toMatchObject({ EVENT_STORE_URL: 'postgres://app:secret@db/log', MASTER_KEY_FILE: '/m' });
    expect(() => parseConfig(schema, { ...log, EVENT_STORE_URL_FILE: file })).toThrow(new ConfigError('EVENT_STORE_URL and EVENT_STORE_URL_FILE are both set: say it once.'));
    expect(() => parseConfig(schema, { ...others, EVENT_STORE_URL_FILE: '/none' })).toThrow('EVENT_STORE_URL_FILE names a file that cannot be read: /none.');
    writeFileSync(file, '\n');
    expect(() => parseConfig(schema, { ...others, EVENT_STORE_URL_FILE: file })).toThrow(/^EVENT_STORE_URL is not valid/);
  });

  it('come from the environment, with defaults on loopback', () => {
    expect(parseConfig(schema, { ...log, PORT: '8080', PATH: '/bin' })).toEqual({ ...log, HOST: '127.0.0.1', PORT: 8080, LOG_LEVEL: 'info', ANNALS_DEMO: '0' });
  });

  it('are refused in a sentence that names the variable and shows no value', () => {
    expect(() => parseConfig(schema, { ...log, EVENT_STORE_URL: undefined })).toThrow(new ConfigError('EVENT_STORE_URL is not set.'));
    expect(() => parseConfig(schema, { ...log, PORT: 'secret' })).toThrow(/^PORT is not valid: (?!.*secret)/);
    expect(() => parseConfig(schema, { ...log, PORT: '65536' })).toThrow(ConfigError);
  });

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('may listen on %s', (HOST) => {
    expect(parseConfig(schema, { ...log, HOST }).HOST).toBe(HOST);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', '127.0.0.1.example.com', 'example.com', ''])('may not listen on "%s" unless callers are known', (HOST) => {
    expect(() => parseConfig(schema, { ...log, HOST })).toThrow(/callers are not known by tokens .* listens on loopback only/);
    expect(parseConfig(schema, { ...log, HOST, TOKEN_PUBLIC_KEY_FILE: '/t' }).HOST).toBe(HOST);
  });

  it.each([
    ['an issuer without an audience', { OIDC_ISSUER: 'https://id.example' }, /belong together/],
    ['an audience without an issuer', { OIDC_AUDIENCE: 'annals' }, /belong together/],
    ['two sources of tokens', { OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'annals', TOKEN_PUBLIC_KEY_FILE: '/t' }, /both set/],
    ['an issuer without TLS', { OIDC_ISSUER: 'http://id.example', OIDC_AUDIENCE: 'annals' }, /^OIDC_ISSUER is not valid/],
  ])('do not take %s', (_, env, message) => {
    expect(() => parseConfig(schema, { ...log, ...env })).toThrow(message);
  });
});
