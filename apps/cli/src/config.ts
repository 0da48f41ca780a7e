/** Where Annals answers when nothing else is said: where `npm start` listens. */
const DEFAULT_URL = 'http://127.0.0.1:4000';

/** The address from the environment, or the default one. */
export const defaultUrl = (): string => process.env['ANNALS_URL'] ?? DEFAULT_URL;
