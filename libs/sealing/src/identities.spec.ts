import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { createIdentities } from './identities.js';

const identities = createIdentities(Uint8Array.from({ length: 32 }, (_, index) => index));
const COMMAND = '6f1f8a6e-3c1d-8f00-9c2a-000000000001';

describe('identities of a given deployment key', () => {
  // Made by another implementation. They are for ever: ids of the same records would change with them.
  it.each([
    ['deploymentKeyId', identities.deploymentKeyId, '6a63854a-59d9-8ff4-ad79-90f3789dff6e'],
    ['commandId', identities.commandId('client', 'key-1'), 'cc832363-d3ba-8d92-9943-06d9f3bce145'],
    ['recordId', identities.recordId('customer', COMMAND), 'a89cb899-25f9-8aee-a4d1-9f0957a0eac6'],
    ['referencedId', identities.referencedId('customer', 'crm', '17/α'), 'e5e64b6d-e3e7-895b-a472-6aebadc535f8'],
    ['eventId', identities.eventId(COMMAND, 'customer-01890000-0000-7000-8000-000000000001', 0), '5f8ac9d8-533c-8e35-ad7b-356e8e4fb92a'],
    ['fingerprint', identities.fingerprint({ b: [1, 2.5, null], a: 'ü' }), 'fc8c7ef3fb67e6eaa70a5cf104a47f7f32924da7bfaa43a9fd7be96775d22264'],
    [
      'addressDigest',
      identities.addressDigest('phone', '+442079460018').toString('hex'),
      '22d403fbea4f086905fd52318ed6af43b83ae42812cf313c4f13360da0f7b829',
    ],
  ])('%s is what it was', (_name, actual, pinned) => {
    expect(actual).toBe(pinned);
  });

  it('are UUIDs of version 8', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (client, key) => {
        expect(identities.commandId(client, key)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it('differ wherever the parts differ, however they are cut', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        fc.pre(b !== '');
        expect(identities.commandId(a + b, c)).not.toBe(identities.commandId(a, b + c));
        expect(identities.commandId(a, c)).not.toBe(identities.commandId(a, b + c));
      }),
    );
    expect(identities.recordId('customer', COMMAND)).not.toBe(identities.commandId('customer', COMMAND));
    expect(createIdentities(new Uint8Array(32)).recordId('customer', COMMAND)).not.toBe(identities.recordId('customer', COMMAND));
  });

  it('have one fingerprint for one body, whatever the order of its members', () => {
    expect(identities.fingerprint({ a: 1, b: 2 })).toBe(identities.fingerprint({ b: 2, a: 1 }));
    expect(identities.fingerprint({ a: 1 })).not.toBe(identities.fingerprint({ a: '1' }));
  });

  it.each([0, 16, 31, 33, 64])('need a key of 32 bytes, not of %i', (length) => {
    expect(() => createIdentities(new Uint8Array(length))).toThrow(RangeError);
  });
});
