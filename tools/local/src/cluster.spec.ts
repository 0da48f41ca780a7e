import { describe, expect, it } from '@jest/globals';
import { explain } from './cluster.js';
import { exitCodes } from './errors.js';

describe('explain', () => {
  it('says that the disk is full, with a code of its own', () => {
    const error = explain('PostgreSQL did not start', 'LOG: starting\nFATAL:  could not write lock file "postmaster.pid": No space left on device\n');
    expect(error).toMatchObject({ message: 'PostgreSQL did not start: the disk is full.', exitCode: exitCodes.diskFull });
  });

  it('takes the last complaint without its prefix', () => {
    const error = explain('PostgreSQL did not start', '2024-01-01 00:00:00 UTC [1] LOG:  starting\n2024-01-01 00:00:00 UTC [1] FATAL:  data directory has wrong ownership\n');
    expect(error).toMatchObject({ message: 'PostgreSQL did not start: data directory has wrong ownership.', exitCode: exitCodes.failed });
  });

  it('says so when there was no complaint', () => {
    expect(explain('PostgreSQL did not start', '').message).toBe('PostgreSQL did not start: it gave no reason.');
  });
});
