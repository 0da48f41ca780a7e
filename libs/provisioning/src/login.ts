/** Databases and roles cannot be made as they are asked for. The message is a sentence without a password. */
export class ProvisioningRefused extends Error {
  override readonly name = 'ProvisioningRefused';
}

/** What a connection URL says of who connects to what. */
export interface Login {
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Reads a connection URL of PostgreSQL: `postgres://role:password@host:port/database`.
 *
 * @param of - whose connection it is, for the sentence
 * @throws ProvisioningRefused where a part is missing: such a role could not be made
 */
export function loginOf(url: string, of: string): Login {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['postgres:', 'postgresql:'].includes(parsed.protocol)) throw new ProvisioningRefused(`The connection of ${of} is no URL that begins with postgres://.`);
  const [role, password, database] = [parsed.username, parsed.password, parsed.pathname.slice(1)].map(decodeURIComponent);
  if (!role || !password || !database) throw new ProvisioningRefused(`The connection of ${of} must name a role, its password and a database: postgres://role:password@host:port/database.`);
  return { role, password, database };
}
