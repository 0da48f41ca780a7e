import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { WrongKeys } from './key-store.js';
import { createMasterKey, unwrapKey, wrapKey } from './master-key.js';
import { unwrapKeys } from './unwrap-keys.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('key wrap', () => {
  // RFC 3394, section 4.6.
  const master = createSecretKey(hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'));
  const key = hex('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f');
  const wrapped = hex('28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21');

  it('makes the bytes that the standard says, and the key of them again', () => {
    expect(wrapKey(master, key)).toEqual(wrapped);
    expect(unwrapKey(master, wrapped)).toEqual(key);
    expect(unwrapKeys(master, [wrapped])).toEqual([key]);
  });

  it('comes to the same for many at once as for each by itself', () => {
    const whole = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => wrapKey(master, bytes));
    const flipped = fc.tuple(whole, fc.nat(39), fc.integer({ min: 1, max: 255 })).map(([bytes, at, by]) => bytes.fill((bytes[at] ?? 0) ^ by, at, at + 1));
    const other = fc.uint8Array({ maxLength: 48 });
    fc.assert(
      fc.property(fc.array(fc.oneof(whole, flipped, other), { maxLength: 20 }), (several) => {
        expect(unwrapKeys(master, several)).toEqual(several.map((bytes) => unwrapKey(master, bytes)));
      }),
    );
  });

  it('notices every changed byte', () => {
    for (let index = 0; index < wrapped.length; index++) {
      const changed = Buffer.from(wrapped);
      changed.writeUInt8(wrapped.readUInt8(index) ^ 1, index);
      expect(unwrapKey(master, changed)).toBeUndefined();
    }
  });

  it.each([0, 8, 16, 24, 31, 33, 40])('refuses a key of %i bytes', (length) => {
    expect(() => wrapKey(master, new Uint8Array(length))).toThrow(RangeError);
  });

  it.each([0, 8, 24, 39, 41, 48])('knows no key in %i bytes', (length) => {
    expect(unwrapKey(master, new Uint8Array(length))).toBeUndefined();
  });
});

describe('a master key', () => {
  const master = createMasterKey(Uint8Array.from({ length: 32 }, (_, index) => index + 32));

  it('has a name that stays, and that tells it from others', () => {
    expect(master.id).toBe('00ae314877c8e496478498fdedfee7c4');
    expect(createMasterKey(new Uint8Array(32)).id).not.toBe(master.id);
  });

  it('makes keys that only itself unwraps', () => {
    const { key, wrapped } = master.generate();
    expect(master.unwrap(wrapped, 'id').export()).toEqual(key.export());
    expect(master.generate().key.export()).not.toEqual(key.export());
    expect(master.unwrapAll(new Map([['id', wrapped]])).get('id')?.export()).toEqual(key.export());
    expect(() => createMasterKey(new Uint8Array(32)).unwrap(wrapped, 'id')).toThrow(WrongKeys);
    expect(() => createMasterKey(new Uint8Array(32)).unwrapAll(new Map([['id', wrapped]]))).toThrow(WrongKeys);
  });

  it.each([0, 16, 31, 33])('is not made of %i bytes', (length) => {
    expect(() => createMasterKey(new Uint8Array(length))).toThrow(RangeError);
  });
});
