import { normaliseAddress } from '@annals/contracts';
import type { Identities } from '@annals/sealing';

const UUID_HEX = 32;

/** Contact points as they are looked up: by HMAC, so that a list of them says nobody's address. */
export class ContactPoints {
  constructor(private readonly identities: Identities) {}

  /** How one is kept: by its normal form, or as it was given where it has none. */
  readonly digestOf = (kind: string, form: string): string => {
    const hex = this.identities.addressDigest(kind, form).toString('hex').slice(0, UUID_HEX);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };

  /** All ways in which one may be kept that is written like this. */
  digestsOf(kind: string, value: string, country: string | undefined): string[] {
    const forms = new Set([normaliseAddress(kind, value, country) ?? value, value]);
    return [...forms].map((form) => this.digestOf(kind, form));
  }
}
