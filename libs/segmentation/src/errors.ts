/** Why a training or an assignment was refused; a caller's code switches on it. */
export type SegmentationErrorCode =
  /** Shapes, counts or names that do not fit together; the detail says which. */
  | 'input-invalid'
  /** A NaN or an infinity among the features. */
  | 'value-not-finite'
  /** Fewer rows than segments asked for. */
  | 'rows-too-few'
  /** Rows enough, but fewer different ones than segments asked for. */
  | 'rows-too-alike'
  /** Every start ended with a segment that nobody is nearest to. */
  | 'segment-empty'
  | 'training-timed-out'
  | 'training-cancelled'
  /** The worker reached its memory limit. */
  | 'training-out-of-memory'
  /** The worker ended without an answer; the detail holds what it said. */
  | 'training-failed';

/** The one error of this library. Its detail is a sentence for a person and may name a row's id. */
export class SegmentationError extends Error {
  override readonly name = 'SegmentationError';

  /**
   * @param code - what went wrong, for code
   * @param detail - what went wrong, for a person
   */
  constructor(
    readonly code: SegmentationErrorCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
