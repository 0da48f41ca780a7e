import { open } from 'node:fs/promises';

const KEY_BYTES = 32;
/** Any right of others than owner and group, and to write or run it. */
const OPEN_TO_OTHERS = 0o037;
const OPEN_TO_ANYBODY_ELSE = 0o077;

/** A key file that cannot be used; the message says why, and what to do. */
export class UnusableKeyFile extends Error {
  override readonly name = 'UnusableKeyFile';
}

/**
 * Reads a master key or deployment key: a file of exactly 32 bytes that only its owner can read, or, where root owns it, its
 * group too. (PostgreSQL has the same rule for its private keys: so it is that secrets are given to a container.)
 *
 * @throws UnusableKeyFile where it is missing, of another length, or open to others
 */
export async function readKeyFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new UnusableKeyFile(`the key file ${path} cannot be read`, { cause });
  });
  try {
    const { mode, size, uid } = await file.stat();
    if ((mode & (uid === 0 ? OPEN_TO_OTHERS : OPEN_TO_ANYBODY_ELSE)) !== 0) {
      const found = (mode & 0o777).toString(8).padStart(4, '0');
      throw new UnusableKeyFile(`the key file ${path} is open to others than its owner (mode ${found}): chmod 600 it`);
    }
    if (size !== KEY_BYTES) throw new UnusableKeyFile(`the key file ${path} holds ${size} bytes where a key has 32`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
