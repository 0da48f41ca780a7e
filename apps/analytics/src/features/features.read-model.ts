import { foldStreams, type ReadModel } from '@annals/read-models';

import { featuresStep, type FeatureChange, type FeatureState, type Touched } from './features.projection.js';
import { ClockRow, DealingRow, FigureRow } from './features.table.js';
import { writeFeatures } from './features.write.js';

/**
 * What is known of each customer for segmentation.
 *
 * @param onTouched - told of the customers whose figures a batch changes, before it commits
 */
export function featuresReadModel(onTouched: (touched: readonly Touched[]) => void): ReadModel {
  return {
    name: 'features',
    version: 1,
    events: ['TransactionRecorded', 'TransactionCancelled', 'CommunicationLogged', 'CommunicationLinked'],
    entities: [FigureRow, DealingRow, ClockRow],
    apply: foldStreams<FeatureState | undefined, FeatureChange>({
      step: featuresStep,
      write: async (transaction, changes) => {
        await writeFeatures(transaction, changes);
        onTouched(changes.filter((change) => change.to === 'touched'));
      },
    }),
  };
}
