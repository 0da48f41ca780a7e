import { describe, expect, it } from '@jest/globals';
import { isEventStoreDb } from './open.js';

describe('a URL of a log', () => {
  it.each(['esdb://host:2113', 'esdb+discover://admin:secret@cluster', 'esdb://a,b,c?tls=true'])('names an EventStoreDB: %s', (url) => {
    expect(isEventStoreDb(url)).toBe(true);
  });

  it.each(['postgres://host/log', 'postgresql://host/esdb://log', 'esdb:/host', ''])('names a PostgreSQL: %s', (url) => {
    expect(isEventStoreDb(url)).toBe(false);
  });
});
