import { describe, expect, it } from '@jest/globals';

import { train, type TrainingInput } from './train.js';
import { trainInWorker, type WorkerOptions } from './worker.js';

function input(rows: number, more: Partial<TrainingInput> = {}): TrainingInput {
  return {
    ids: Array.from({ length: rows }, (_, i) => `c${i}`),
    features: Float64Array.from({ length: rows * 2 }, (_, i) => (i * 2_654_435_761) % 100_003),
    featureNames: ['x', 'y'],
    k: 3,
    seed: 1,
    starts: 5,
    ...more,
  };
}
const patient = { timeoutMs: 30_000 };
const refusal = (given: TrainingInput, options: WorkerOptions = patient) =>
  trainInWorker(given, options).then(
    () => 'trained',
    (error: unknown) => error,
  );

describe('training in a worker', () => {
  it('gives what training here gives', async () => {
    const here = train(input(500));
    const there = await trainInWorker(input(500), patient);
    expect(JSON.stringify(there.model)).toBe(JSON.stringify(here.model));
    expect([...there.labels]).toEqual([...here.labels]);
  });

  it('moves a buffer of its own and copies a view of a part', async () => {
    const whole = input(500);
    await trainInWorker(whole, patient);
    expect(whole.features.length).toBe(0);
    const all = input(600);
    const part = input(500, { features: all.features.subarray(0, 1000) });
    const { model } = await trainInWorker(part, patient);
    expect(all.features.length).toBe(1200);
    expect(model.sizes.reduce((a, b) => a + b)).toBe(500);
  });

  it('leaves this thread free meanwhile', async () => {
    const order: string[] = [];
    const training = trainInWorker(input(20_000, { starts: 20 }), patient).then(() => order.push('trained'));
    for (let turn = 0; turn < 50; turn++) await new Promise((turned) => setImmediate(turned));
    order.push('fifty turns of this thread');
    await training;
    expect(order).toEqual(['fifty turns of this thread', 'trained']);
  });

  it('passes on what the training refuses, as the same error', async () => {
    const equal = input(10, { features: new Float64Array(20).fill(7) });
    expect(await refusal(equal)).toMatchObject({ name: 'SegmentationError', code: 'rows-too-alike' });
    const broken = input(10);
    broken.features[3] = Number.NaN;
    expect(await refusal(broken)).toMatchObject({ code: 'value-not-finite', detail: 'Feature y of row c1 is NaN.' });
    expect(await refusal(input(10, { k: 0 }))).toMatchObject({ code: 'input-invalid' });
  });

  it('ends a training that takes too long', async () => {
    expect(await refusal(input(100_000, { k: 50, starts: 100 }), { timeoutMs: 100 })).toMatchObject({
      code: 'training-timed-out',
      detail: 'The training took more than 100 ms.',
    });
  });

  it('ends a training that is cancelled, and starts none that was cancelled before', async () => {
    const controller = new AbortController();
    const running = refusal(input(100_000, { k: 50, starts: 100 }), { ...patient, signal: controller.signal });
    controller.abort();
    expect(await running).toMatchObject({ code: 'training-cancelled' });
    const kept = input(10);
    expect(await refusal(kept, { ...patient, signal: controller.signal })).toMatchObject({ code: 'training-cancelled' });
    expect(kept.features.length).toBe(20);
  });

  it('ends a training that needs more memory than it may use, and nothing else', async () => {
    expect(await refusal(input(200_000), { ...patient, memoryMb: 16 })).toMatchObject({ code: 'training-out-of-memory' });
    expect((await trainInWorker(input(500), patient)).model.k).toBe(3);
  });
});
