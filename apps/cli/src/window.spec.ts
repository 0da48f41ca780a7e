import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Window } from './window.js';

describe('a window of tasks', () => {
  it('never runs more than its size at once, and all of them in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 30 }), async (scheduler, size, count) => {
        const window = new Window(size);
        let running = 0;
        let most = 0;
        let done = 0;
        const task = async (): Promise<void> => {
          most = Math.max(most, ++running);
          await scheduler.schedule(Promise.resolve());
          running--;
          done++;
        };
        const all = (async () => {
          for (let index = 0; index < count; index++) await window.add(task);
          await window.drain();
        })();
        await scheduler.waitFor(all);
        expect(done).toBe(count);
        expect(most).toBe(Math.min(size, count));
      }),
    );
  });

  it('throws the first failure to whoever adds or drains', async () => {
    const window = new Window(1);
    await window.add(() => Promise.reject(new Error('first')));
    await expect(window.add(() => Promise.resolve())).rejects.toThrow('first');
    await expect(window.drain()).rejects.toThrow('first');
  });
});
