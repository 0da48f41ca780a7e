import type { KeyObject } from 'node:crypto';

/** The key of one holder. Its row stays for ever; the key itself does not. */
export interface HeldKey {
  /** UUID; stored beside every field sealed with the key. */
  readonly id: string;
  /** Undefined once it is destroyed: nothing sealed with it can be opened, and it is not made again. */
  readonly key: KeyObject | undefined;
}

/** What ties a key store to the one log whose fields it opens. */
export interface Binding {
  readonly logId: string;
  /** Of `Identities`: names the deployment key without telling it. */
  readonly deploymentKeyId: string;
  /** Whether the log holds no event yet: only then may the keys be new. */
  readonly logIsEmpty: boolean;
}

/** The keys with which personal fields are sealed: one for each holder, made at its first use. */
export interface KeyStore {
  /**
   * Ties the store to a log at the log's first start, and makes sure of it at every later one.
   *
   * @throws WrongKeys where the store belongs to another log, deployment key or master key, or the log holds
   * events of whose keys the store knows nothing
   */
  bind(binding: Binding): Promise<void>;

  /**
   * The keys of holders, made where there are none, durable before this resolves.
   *
   * @param holders - from `streamHolder` and `addressHolder`
   * @returns a key for each, or the tombstone of one
   * @throws KeyStoreUnavailable, WrongKeys
   */
  forHolders(holders: readonly string[]): Promise<ReadonlyMap<string, HeldKey>>;

  /**
   * The keys by their ids; those that are destroyed, or that nobody knows, are absent.
   *
   * @throws KeyStoreUnavailable, WrongKeys
   */
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, KeyObject>>;

  close(): Promise<void>;
}

/** The key store could not be reached or did not answer in time. Nothing was sealed or opened: try again. */
export class KeyStoreUnavailable extends Error {
  override readonly name = 'KeyStoreUnavailable';
}

/** The keys at hand are not those of this log. Going on would read every personal field as erased. */
export class WrongKeys extends Error {
  override readonly name = 'WrongKeys';
}

/** The holder of a record's own fields. */
export const streamHolder = (stream: string): string => `stream:${stream}`;

/** The holder of a contact point's fields, wherever they occur. @param digest - from `Identities.addressDigest` */
export const addressHolder = (digest: Buffer): string => `address:${digest.toString('hex')}`;
