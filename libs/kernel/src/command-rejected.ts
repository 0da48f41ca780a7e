/** Why a command was refused: it conflicts with what is so, names what is not there, or is not allowed. */
export type RejectionKind = 'conflict' | 'not-found' | 'forbidden';

/**
 * The one error that a core throws. It knows no HTTP: the service's filter turns it into an answer.
 * An outcome that others must know is an event, not an error.
 */
export class CommandRejected extends Error {
  override readonly name = 'CommandRejected';

  /**
   * @param kind - what sort of refusal it is
   * @param code - kebab-case, subject first: `communication-already-logged`
   * @param detail - a sentence for the person who sent the command; no personal data
   */
  constructor(
    readonly kind: RejectionKind,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
