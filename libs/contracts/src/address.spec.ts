import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { normaliseAddress } from './address.js';

describe('normaliseAddress', () => {
  it.each([
    ['phone', '+44 20 7946 0018', undefined, '+442079460018'],
    ['phone', ' (020) 7946 0018 ', 'GB', '+442079460018'],
    ['phone', '0044 20 7946 0018', 'GB', '+442079460018'],
    ['phone', '+44 20 7946 0018', 'XX', '+442079460018'],
    ['phone', '２０２５５５０１２３', 'US', '+12025550123'],
    ['whatsapp', '+86 138 0013 8000', undefined, '+8613800138000'],
    ['sms', '13800138000', 'CN', '+8613800138000'],
    ['email', ' Ann.Lee+x@Example.COM', undefined, 'Ann.Lee+x@example.com'],
    ['email', 'a@例え.jp', undefined, 'a@xn--r8jz45g.jp'],
    ['email', 'a@XN--R8JZ45G.jp', undefined, 'a@xn--r8jz45g.jp'],
    ['email', 'jose\u0301@münchen.de', undefined, 'jos\u00e9@xn--mnchen-3ya.de'],
    ['email', 'john.@docomo.ne.jp', undefined, 'john.@docomo.ne.jp'],
  ])('%s %s (%s) is %s', (kind, raw, country, normal) => {
    expect(normaliseAddress(kind, raw, country)).toBe(normal);
  });

  it.each([
    ['a national number without a country', 'phone', '020 7946 0018', undefined],
    ['an extension', 'phone', '+44 20 7946 0018 ext. 12', undefined],
    ['a short code', 'sms', '62000', 'US'],
    ['an emergency number', 'phone', '999', 'GB'],
    ['a withheld number', 'phone', 'anonymous', 'GB'],
    ['a sentence with a number in it', 'phone', 'ring +442079460018', 'GB'],
    ['an impossible number', 'phone', '+44 1', undefined],
    ['a name beside the address', 'email', 'Ann <a@x.com>', undefined],
    ['no at sign', 'email', 'example.com', undefined],
    ['two at signs', 'email', 'a@b@c.com', undefined],
    ['no local part', 'email', '@c.com', undefined],
    ['a long local part', 'email', `${'a'.repeat(65)}@c.com`, undefined],
    ['one label', 'email', 'a@localhost', undefined],
    ['an empty label', 'email', 'a@c..com', undefined],
    ['an IP address', 'email', 'a@127.0.0.1', undefined],
    ['something like an IP address', 'email', 'a@0x7f.1', undefined],
    ['a port', 'email', 'a@c.com:25', undefined],
    ['broken punycode', 'email', 'a@xn--a.com', undefined],
    ['a kind without a normal form', 'wechat', 'wxid_8f3k', undefined],
  ])('%s has none', (_what, kind, raw, country) => {
    expect(normaliseAddress(kind, raw, country)).toBeUndefined();
  });

  it('never throws, and gives what is normal already and within the bound of a text', () => {
    const digits = fc.array(fc.constantFrom(...'+0123456789 ()-'), { maxLength: 20 }).map((all) => all.join(''));
    const email = fc.tuple(fc.string({ maxLength: 10 }), fc.constantFrom('Ex-1.COM', 'münchen.de', '-x.org', '1.2', 'ｅｘ.com')).map((parts) => parts.join('@'));
    const anything = fc.uint16Array({ maxLength: 50 }).map((units) => String.fromCharCode(...units));
    const raw = fc.oneof(anything, email, digits);
    fc.assert(
      fc.property(fc.constantFrom('email', 'phone', 'sms', 'other'), raw, fc.constantFrom('GB', 'CN', 'XX', undefined), (kind, text, country) => {
        const normal = normaliseAddress(kind, text, country);
        if (normal === undefined) return;
        expect(normaliseAddress(kind, normal)).toBe(normal);
        expect(normal.length).toBeLessThanOrEqual(500);
        expect(normal.isWellFormed()).toBe(true);
      }),
    );
  });
});
