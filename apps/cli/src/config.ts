/** Where Annals answers when nothing else is said: where `npm start` listens. */
const DEFAULT_URL = 'http://127.0.0.1:4000';

/** The data directory from the environment, if it names one. */
export const dataDirectory = (): string | undefined => process.env['ANNALS_DATA_DIR'];

/** The token from the environment, if there is one. */
export const tokenFromEnvironment = (): string | undefined => process.env['ANNALS_TOKEN'];

/** The address from the environment, or the default one. */
export const defaultUrl = (): string => process.env['ANNALS_URL'] ?? DEFAULT_URL;
