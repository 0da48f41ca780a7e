import { createDecipheriv, createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { BrokenSeal, associatedData, seal, unseal, type SealPlace } from './sealed-field.js';

const place: SealPlace = {
  stream: 'customer-01890000-0000-7000-8000-000000000001',
  eventId: '6f1f8a6e-3c1d-8f00-9c2a-000000000001',
  pointer: '/name',
  keyId: '01890000-0000-4000-8000-000000000002',
};
const key = createSecretKey(Buffer.from('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308', 'hex'));
const elsewhere: SealPlace[] = [
  { ...place, stream: 'customer-01890000-0000-7000-8000-000000000003' },
  { ...place, eventId: '6f1f8a6e-3c1d-8f00-9c2a-000000000003' },
  { ...place, pointer: '/birthday' },
  { ...place, keyId: '01890000-0000-4000-8000-000000000003' },
];

describe('AES-256-GCM', () => {
  it('is what the standard says: case 16 of the specification', () => {
    const hex = (text: string): Buffer => Buffer.from(text, 'hex');
    const decipher = createDecipheriv('aes-256-gcm', key, hex('cafebabefacedbaddecaf888'), { authTagLength: 16 });
    decipher.setAAD(hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'));
    decipher.setAuthTag(hex('76fc6ece0f4e1768cddf8853bb2d551b'));
    const plain = decipher.update(
      hex('522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662'),
    );
    expect(Buffer.concat([plain, decipher.final()]).toString('hex')).toBe(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
  });
});

describe('associated data', () => {
  it('is the bytes that it was', () => {
    expect(associatedData(place).toString('hex')).toBe(
      '0000000f616e6e616c732f7365616c65642f310000002d637573746f6d65722d30313839303030302d303030302d373030302d383030302d' +
        '3030303030303030303030310000002436663166386136652d336331642d386630302d396332612d303030303030303030303031000000052f6e61' +
        '6d650000002430313839303030302d303030302d343030302d383030302d303030303030303030303032',
    );
  });

  it('differs for every two places, however their parts are cut', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (stream, eventId, part) => {
        const [one, other] = [
          { ...place, stream: stream + part, eventId },
          { ...place, stream, eventId: part + eventId },
        ];
        expect(associatedData(one).equals(associatedData(other))).toBe(false);
      }),
    );
  });
});

describe('a seal', () => {
  // Made by another implementation, so that it is the layout that is tested and not itself.
  const known = 'yv66vvrO263eyviI8D6VtAy7F5tzHByBC_pGy8D7UOPG8w0xvFoZZR_rvUAerv_vGjh1i0Y5nIwuwRb5It2I';

  it('made elsewhere opens', () => {
    expect(unseal(known, key, place)).toEqual({ full: '王小明', family: '王' });
  });

  it('opens to what was sealed, of any JSON, and is never the same twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(JSON.stringify(value).isWellFormed());
        const json: unknown = JSON.parse(JSON.stringify(value));
        const sealed = seal(json, key, place);
        expect(unseal(sealed, key, place)).toEqual(json);
        expect(seal(json, key, place)).not.toBe(sealed);
      }),
    );
  });

  it.each(elsewhere)('opens nowhere else: %j', (other) => {
    expect(() => unseal(known, key, other)).toThrow(BrokenSeal);
  });

  it('opens with no other key', () => {
    expect(() => unseal(known, createSecretKey(Buffer.alloc(32)), place)).toThrow(BrokenSeal);
  });

  it('notices every changed bit and every length', () => {
    const bytes = Buffer.from(known, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => unseal(changed.toString('base64url'), key, place)).toThrow(BrokenSeal);
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unseal(bytes.subarray(0, length).toString('base64url'), key, place)).toThrow(BrokenSeal);
      expect(() => unseal(bytes.subarray(-length - 1, -1).toString('base64url'), key, place)).toThrow(BrokenSeal);
    }
    expect(() => unseal(`${known}AA`, key, place)).toThrow(BrokenSeal);
  });

  it('uses no nonce twice, beyond what is asked of the system at once', () => {
    const nonces = Array.from({ length: 1_000 }, () => seal('', key, place).slice(0, 16));
    expect(new Set(nonces).size).toBe(1_000);
  });
});
