import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';

import { canonicalJson, NotCanonical } from './canonical-json.js';

const hexOf = (value: unknown): string => Buffer.from(canonicalJson(value)).toString('hex');

/** Texts of JSON and the bytes that other implementations of RFC 8785 (in Go, Python and JavaScript) make of them. */
const known: [string, string][] = [
  ['{"b":2,"a":1}', '7b2261223a312c2262223a327d'],
  ['{"10":1,"9":2,"":3,"A":4,"a":5,"aa":6}', '7b22223a332c223130223a312c2239223a322c2241223a342c2261223a352c226161223a367d'],
  [
    '[-0,0,1.0,1E2,1e21,1e20,0.000001,1e-7,333333333.33333329,4.50,2e-3,0.000000000000000000000000001]',
    '5b302c302c312c3130302c31652b32312c3130303030303030303030303030303030303030302c302e3030303030312c31652d372c3333333333333333332e333333333333332c342e352c302e3030322c31652d32375d',
  ],
  [
    '[9007199254740993,123456789012345678901,5e-324,1.7976931348623157e308,0.1]',
    '5b393030373139393235343734303939322c3132333435363738393031323334353638303030302c35652d3332342c312e37393736393331333438363233313537652b3330382c302e315d',
  ],
  [
    String.raw`{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\u00f6":4,"\u0080":5,"\r":6,"1":7}`,
    '7b225c72223a362c2231223a372c22c280223a352c22c3b6223a342c22e282ac223a332c22f09f9880223a322c22efacb3223a317d',
  ],
  [String.raw`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`, '22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f22'],
  [
    String.raw`"\u0000\b\t\n\f\r\u001f\u007f\u2028\u00e9e\u0301"`,
    '225c75303030305c625c745c6e5c665c725c75303031667fe280a8c3a965cc8122',
  ],
  [
    '{"__proto__":{"b":1,"a":2},"toJSON":1,"constructor":null}',
    '7b225f5f70726f746f5f5f223a7b2261223a322c2262223a317d2c22636f6e7374727563746f72223a6e756c6c2c22746f4a534f4e223a317d',
  ],
  [
    '{"a":[],"b":{},"c":[{}],"d":"","e":true,"f":false,"g":null}',
    '7b2261223a5b5d2c2262223a7b7d2c2263223a5b7b7d5d2c2264223a22222c2265223a747275652c2266223a66616c73652c2267223a6e756c6c7d',
  ],
  ['[ 56 , { "d" : true , "10" : null , "1" : [ ] } ]', '5b35362c7b2231223a5b5d2c223130223a6e756c6c2c2264223a747275657d5d'],
];

/** RFC 8785, appendix B, and neighbours: the bits of a number and its text. */
const numbers = `
0000000000000000=0 8000000000000000=0 0000000000000001=5e-324 8000000000000001=-5e-324
7fefffffffffffff=1.7976931348623157e+308 ffefffffffffffff=-1.7976931348623157e+308
4340000000000000=9007199254740992 c340000000000000=-9007199254740992 4430000000000000=295147905179352830000
44b52d02c7e14af5=9.999999999999997e+22 44b52d02c7e14af6=1e+23 44b52d02c7e14af7=1.0000000000000001e+23
444b1ae4d6e2ef4e=999999999999999700000 444b1ae4d6e2ef4f=999999999999999900000 444b1ae4d6e2ef50=1e+21
3eb0c6f7a0b5ed8c=9.999999999999997e-7 3eb0c6f7a0b5ed8d=0.000001 41b3de4355555553=333333333.3333332
41b3de4355555554=333333333.33333325 41b3de4355555555=333333333.3333333 41b3de4355555556=333333333.3333334
41b3de4355555557=333333333.33333343 becbf647612f3696=-0.0000033333333333333333 43143ff3c1cb0959=1424953923781206.2`;

describe('canonicalJson', () => {
  it.each(known)('writes %s as other implementations do', (text, hex) => {
    expect(hexOf(JSON.parse(text))).toBe(hex);
  });

  it.each(numbers.trim().split(/\s+/))('writes the number %s', (pair) => {
    const [bits = '', text] = pair.split('=');
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  it.each([
    ['a number that is not finite', JSON.parse('[1e400]')],
    ['NaN', Number.NaN],
    ['an unpaired surrogate', JSON.parse(String.raw`"\ud800"`)],
    ['a key with an unpaired surrogate', JSON.parse(String.raw`{"\udead":1}`)],
    ['undefined', undefined],
    ['a hole in an array', Array.from({ length: 1 })],
    ['a function', { f: () => 1 }],
    ['a symbol', Symbol('s')],
    ['a big integer', 1n],
    ['a map', new Map()],
    ['a typed array', new Uint8Array(1)],
    ['a boxed text', Object('text')],
    ['65 levels', JSON.parse('['.repeat(65) + ']'.repeat(65))],
  ])('refuses %s', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(NotCanonical);
  });

  it('writes 64 levels, classes by their own toJSON, and no member that is undefined', () => {
    const deep = '['.repeat(64) + ']'.repeat(64);
    expect(canonicalJson(JSON.parse(deep))).toBe(deep);
    expect(canonicalJson({ at: new Date(0), none: undefined })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  });

  it.each(['{"a":1,"a":2}', '[-0]', '[1.0]', '[9007199254740993]', ' [1]', '{"b":1,"a":1}', String.raw`"\u0041"`])(
    'differs from %s, so that equality with it proves bytes to be canonical',
    (text) => {
      expect(canonicalJson(JSON.parse(text))).not.toBe(text);
    },
  );

  it('agrees with another implementation on any JSON', () => {
    const units = fc.uint16Array({ maxLength: 10 }).map((codes) => String.fromCharCode(...codes).toWellFormed());
    const anyText = fc.oneof(fc.string(), units, fc.constantFrom('__proto__', 'toJSON', '10', '9', '\u{1f600}', '\ufb33'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, false),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        anyText,
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(anyText, tie('value'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(value, (json) => {
        const written = canonicalJson(json);
        expect(written).toBe(canonicalize(json));
        expect(canonicalJson(JSON.parse(written))).toBe(written);
      }),
    );
  });
});
