import { expect } from '@jest/globals';
import { itWhere } from './it-where.js';

let ran = false;

itWhere(true, 'nothing')('runs what can be run', () => {
  ran = true;
  expect(ran).toBe(true);
});

itWhere(true, 'nothing')('waits for what takes time', async () => {
  await expect(Promise.resolve(ran)).resolves.toBe(true);
});
