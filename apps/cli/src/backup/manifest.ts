import { z } from 'zod';

/** Of what this version writes and reads. */
export const FORMAT = 1;

const file = z.object({ name: z.string().regex(/^[a-z0-9.-]{1,100}$/), sha256: z.string().regex(/^[0-9a-f]{64}$/), records: z.int().min(0) });
const common = { format: z.literal(FORMAT), backupId: z.uuid(), takenAt: z.iso.datetime(), expiresAt: z.iso.datetime(), logId: z.uuid(), files: z.array(file).max(100_000) };

const settings = z.object({ demo: z.boolean(), tokens: z.boolean(), timeZone: z.string().max(64) });

/** What the set of events says of itself; `settings` are those of the data directory that it was taken of. */
export const logManifest = z.object({ ...common, set: z.literal('log'), position: z.int().min(0), eventId: z.uuid().nullable(), settings: settings.optional() });

/** What the set of keys says of itself. */
export const keysManifest = z.object({ ...common, set: z.literal('keys'), deploymentKeyId: z.string(), masterKeyId: z.string(), hasMasterKey: z.boolean() });

export type SetName = 'log' | 'keys';
export type BackupFile = z.infer<typeof file>;
export type LogManifest = z.infer<typeof logManifest>;
export type KeysManifest = z.infer<typeof keysManifest>;

/** Written last: a set without it is none. */
export const MANIFEST = 'manifest.json';

/** The key files of a set of keys. */
export const keyFiles = { deployment: 'deployment.key', master: 'master.key' } as const;

/** How many keys a set holds, those of its key files apart. */
export const keysIn = ({ files }: KeysManifest): number => files.reduce((sum, { records }) => sum + records, 0);
