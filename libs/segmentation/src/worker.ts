import { types } from 'node:util';
import { Worker } from 'node:worker_threads';

import { SegmentationError, type SegmentationErrorCode } from './errors.js';
import { checkShape, type Training, type TrainingInput } from './train.js';

/** Bounds of a training in a worker. */
export interface WorkerOptions {
  /** The training is ended after this many milliseconds. */
  readonly timeoutMs: number;
  /** Ends the training when it aborts. */
  readonly signal?: AbortSignal;
  /** The worker's heap in MiB, without the features' own buffer; default 512, enough for a million rows. */
  readonly memoryMb?: number;
}

/** What the worker says: a training, or the error that it ended with. */
export type WorkerReply =
  | { readonly training: Training }
  | { readonly refused: { readonly code: SegmentationErrorCode; readonly detail: string } };

const DEFAULT_MEMORY_MB = 512;

/**
 * The compiled worker. Node cannot run the TypeScript source in a thread, so where this module itself is run from its
 * source by a test, it is the one of the last build.
 */
const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? '../dist/train.worker.js' : './train.worker.js', import.meta.url);

/**
 * Runs {@link train} in a worker thread, so that the caller's event loop stays free. The promise settles when the
 * thread has ended.
 *
 * The features' buffer moves to the worker where the array spans all of it, and `input.features` is empty afterwards;
 * a view of a part is copied.
 *
 * @throws SegmentationError those of `train`, and `training-timed-out`, `training-cancelled`, `training-out-of-memory`,
 * `training-failed`
 */
export async function trainInWorker(input: TrainingInput, options: WorkerOptions): Promise<Training> {
  checkShape(input);
  if (options.signal?.aborted) throw cancelled();
  const features = ownBuffer(input.features);
  const { ids, featureNames, k, seed, starts } = input;
  const worker = new Worker(SCRIPT, {
    workerData: { ids, features, featureNames, k, seed, starts } satisfies TrainingInput,
    transferList: [features.buffer],
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMb ?? DEFAULT_MEMORY_MB },
    env: {},
    execArgv: [],
  });
  return outcome(worker, options);
}

/** Only a plain buffer that is used as a whole can be moved without taking something else along. */
function ownBuffer(features: Float64Array): Float64Array<ArrayBuffer> {
  const { buffer, byteLength } = features;
  return types.isArrayBuffer(buffer) && byteLength === buffer.byteLength ? new Float64Array(buffer) : new Float64Array(features);
}

function outcome(worker: Worker, { timeoutMs, signal }: WorkerOptions): Promise<Training> {
  return new Promise((resolve, reject) => {
    let result: Training | undefined;
    let failure: SegmentationError | undefined;
    const end = (error: SegmentationError): void => {
      failure ??= error;
      void worker.terminate();
    };
    const timer = setTimeout(() => {
      end(new SegmentationError('training-timed-out', `The training took more than ${timeoutMs} ms.`));
    }, timeoutMs);
    const cancel = (): void => {
      end(cancelled());
    };
    signal?.addEventListener('abort', cancel, { once: true });
    worker.once('message', (reply: WorkerReply) => {
      if ('training' in reply) result = reply.training;
      else failure ??= new SegmentationError(reply.refused.code, reply.refused.detail);
    });
    worker.once('error', (error) => {
      failure ??= fromWorker(error);
    });
    worker.once('exit', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      if (failure) reject(failure);
      else if (result) resolve(result);
      else reject(new SegmentationError('training-failed', `The worker ended with ${code} and no answer.`));
    });
  });
}

function cancelled(): SegmentationError {
  return new SegmentationError('training-cancelled', 'The training was cancelled.');
}

function fromWorker(error: Error): SegmentationError {
  const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return outOfMemory
    ? new SegmentationError('training-out-of-memory', 'The training needs more memory than its worker may use.')
    : new SegmentationError('training-failed', error.message);
}
