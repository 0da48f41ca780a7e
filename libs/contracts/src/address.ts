import parsePhoneNumber, { isSupportedCountry } from 'libphonenumber-js/min';

const PHONES = new Set(['phone', 'whatsapp', 'sms']);
/** RFC 5321: octets of a local part and of a domain. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 253;

/**
 * The normal form of an address, by which two ways of writing one contact point are found to be the same.
 *
 * - `phone`, `whatsapp`, `sms`: E.164 (`+442079460018`). Extensions, short codes, withheld and impossible
 *   numbers have none, nor have national numbers without a country to read them in.
 * - `email`: the local part as it is (RFC 5321 leaves its case to the receiving host) in Unicode NFC, and
 *   the domain in lower-case ASCII (RFC 5891 for international ones).
 * - every other kind has none.
 *
 * @param kind - the contact point's kind
 * @param raw - the address as it was given
 * @param country - ISO 3166-1 alpha-2: where a national phone number belongs
 * @returns undefined where the address has no normal form; that is no fault of the address
 */
export function normaliseAddress(kind: string, raw: string, country?: string): string | undefined {
  if (PHONES.has(kind)) return phone(raw.trim(), country);
  return kind === 'email' ? email(raw.trim()) : undefined;
}

function phone(raw: string, country: string | undefined): string | undefined {
  const known = country !== undefined && isSupportedCountry(country) ? country : undefined;
  const parsed = parsePhoneNumber(raw, { extract: false, ...(known === undefined ? {} : { defaultCountry: known }) });
  return parsed?.isValid() && parsed.ext === undefined ? parsed.number : undefined;
}

function email(raw: string): string | undefined {
  const at = raw.lastIndexOf('@');
  const local = raw.slice(0, Math.max(at, 0)).normalize('NFC');
  const domain = asciiDomain(raw.slice(at + 1));
  if (domain === undefined || !/^[^\s\p{Cc}@<>()[\]\\,;:"]+$/u.test(local)) return undefined;
  return new TextEncoder().encode(local).length > MAX_LOCAL ? undefined : `${local}@${domain}`;
}

function asciiDomain(domain: string): string | undefined {
  // Letters, digits and hyphens in two labels or more, so that the URL parser below sees nothing but a name.
  if (!/^[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u.test(domain)) return undefined;
  if (!URL.canParse(`http://${domain}`)) return undefined;
  const { hostname } = new URL(`http://${domain}`);
  return hostname.length > MAX_DOMAIN || /^[\d.]+$/.test(hostname) ? undefined : hostname;
}
