import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, logSettings, parseConfig, serviceSettings } from './config.js';

const schema = z.object({ ...serviceSettings, ...logSettings });
const log = { EVENT_STORE_URL: 'postgres://log', KEY_STORE_URL: 'postgres://keys', MASTER_KEY_FILE: '/m', DEPLOYMENT_KEY_FILE: '/d' };

describe('settings of a service', () => {
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

  it.each(['0.0.0.0', '::', '192.168.1.5', '127.0.0.1.example.com', 'example.com', ''])('may not listen on "%s" without authentication', (HOST) => {
    expect(() => parseConfig(schema, { ...log, HOST })).toThrow(/without authentication a service listens on loopback only/);
  });
});
