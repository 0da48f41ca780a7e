/** How much something matters that a service says. */
export type Level = 'info' | 'warn' | 'error';

/**
 * What a service says beside its requests, as a line of its log. The sentence holds no personal data.
 *
 * @param service - its name
 */
export const saying =
  (service: string) =>
  (level: Level, sentence: string): void => {
    process.stdout.write(`${JSON.stringify({ level, time: Date.now(), service, msg: sentence })}\n`);
  };
