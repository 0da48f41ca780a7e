export { SegmentationError, type SegmentationErrorCode } from './errors.js';
export type { Matrix, MatrixNames } from './matrix.js';
export { fitScaler, inverse, transform, type Scaler } from './scale.js';
export { LIMITS, train, type Model, type Training, type TrainingInput } from './train.js';
export { trainInWorker, type WorkerOptions } from './worker.js';
export { assign, assignAll, type Assignment, type Centres } from './assign.js';
export {
  matchSegments,
  type Matching,
  type MatchOptions,
  type NewSegments,
  type PriorSegments,
  type SegmentMatch,
} from './match.js';
export { proposeNames, type FeatureWords, type Words } from './names.js';
