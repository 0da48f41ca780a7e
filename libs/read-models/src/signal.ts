/** Wakes one waiter. A signal raised while nobody waits is kept, so that none is lost between looking and waiting. */
export class Signal {
  #raised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#wake?.();
  }

  /**
   * Waits for the signal, the time or the stop, whichever comes first.
   *
   * @param keep - leaves the signal raised for a later wait, and does not end this one
   */
  async wait(timeoutMs: number, stop: AbortSignal, keep = false): Promise<void> {
    if (stop.aborted || (this.#raised && !keep)) {
      this.#raised = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stop.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      stop.addEventListener('abort', end);
      if (!keep) this.#wake = end;
    });
    this.#wake = undefined;
    if (!keep) this.#raised = false;
  }
}
