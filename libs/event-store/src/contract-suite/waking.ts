import { expect, it } from '@jest/globals';
import { newEvents, newStream, type OpenStore } from './samples.js';

/** How a store tells that there may be something new. */
export function waking(store: OpenStore): void {
  it('wakes after an append, and no more once it is ended', async () => {
    let ended = 0;
    const end = store().onAppended(() => (ended += 1));
    end();
    await new Promise<void>((resolve) => {
      const stop = store().onAppended(() => {
        stop();
        resolve();
      });
      void store().append(newStream(), 'NoStream', newEvents(1));
    });
    expect(ended).toBe(0);
  });
}
