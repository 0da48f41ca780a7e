import { parentPort, workerData } from 'node:worker_threads';

import { SegmentationError } from './errors.js';
import { train, type TrainingInput } from './train.js';
import type { WorkerReply } from './worker.js';

/** An error of another kind is a defect: it leaves the thread as it is and fails the training. */
function answer(input: TrainingInput): WorkerReply {
  try {
    return { training: train(input) };
  } catch (error) {
    if (!(error instanceof SegmentationError)) throw error;
    return { refused: { code: error.code, detail: error.detail } };
  }
}

parentPort?.postMessage(answer(workerData as TrainingInput));
