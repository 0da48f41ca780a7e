export { plain, texts } from './columns.js';
export { NotYetVisible, ReadModelUnavailable, UnknownReadModel } from './errors.js';
export type { Happening } from './feed.js';
export type { Entity, ReadModel, Transaction } from './read-model.js';
export { ReadModelsController } from './read-models.controller.js';
export { ReadModels, WAIT_FOR_MS, type ReadModelReader, type ReadModelsOptions } from './read-models.js';
export { foldStreams, settled, type Step, type StreamFold } from './stream-fold.js';
export { Trouble } from './trouble.js';
export { Views, waitFor } from './views.js';
