/** Questions to the control worker that wait for their answer. */
interface Asker<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

export class Questions<Answer> {
  readonly #askers = new Map<number, Asker<Answer>>();
  #lastId = 0;
  #ended: Error | undefined;

  /**
   * Calls `send` with the id that the answer must carry. Rejects with the reason of `signal` when that is aborted before
   * (what was asked for may be done all the same), or with that of `end`.
   */
  ask(send: (id: number) => void, signal?: AbortSignal): Promise<Answer> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      signal?.throwIfAborted();
      const giveUp = () => this.#take(id)?.reject(signal?.reason);
      signal?.addEventListener("abort", giveUp, { once: true });
      const forget = () => signal?.removeEventListener("abort", giveUp);
      this.#askers.set(id, {
        resolve: (answer) => {
          forget();
          resolve(answer);
        },
        reject: (reason) => {
          forget();
          reject(reason);
        },
      });
      send(id);
    });
  }

  /** One that nobody waits for any more is dropped. */
  answer(id: number, answer: Answer): void {
    this.#take(id)?.resolve(answer);
  }

  /** No answer will come any more, to anything. */
  end(reason: Error): void {
    this.#ended ??= reason;
    for (const id of [...this.#askers.keys()]) this.#take(id)?.reject(this.#ended);
  }

  #take(id: number): Asker<Answer> | undefined {
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    return asker;
  }
}
