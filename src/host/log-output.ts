/**
 * Where log lines go: standard error, whatever it is, without ever waiting for whoever reads it. What can not be taken yet waits here,
 * up to a limit; what is beyond it is lost, counted, and told as soon as there is room again.
 */
import { setTimeout as pause } from "node:timers/promises";

/** All lines that wait together, in bytes: some thousands of lines. */
const MOST_WAITING_BYTES = 256 * 1024;
/** Between two attempts, while lines wait: soon after a burst, seldom where nobody reads. */
const FIRST_RETRY_MS = 4;
const LONGEST_RETRY_MS = 256;
/** In `finish`. */
const LOOK_EVERY_MS = 10;

/** Takes bytes from `offset` on, and tells how many; 0 where somebody has to read first. Throws where it takes none. */
export type TakeBytes = (bytes: Uint8Array, offset: number) => number;

interface Line {
  readonly bytes: Buffer;
  /** How many lines are lost with it: one that tells of lost ones stands for all of them. */
  readonly lines: number;
}

export class LogOutput {
  readonly #take: TakeBytes;
  readonly #lossText: (lines: number, why: string) => string;
  #waiting: Line[] = [];
  #waitingBytes = 0;
  /** So much of the first one has gone. */
  #offset = 0;
  #lost = 0;
  #whyLost = "";
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;

  /** @param lossText the line, with its line feed, about lines that were lost */
  constructor(take: TakeBytes, lossText: (lines: number, why: string) => string) {
    this.#take = take;
    this.#lossText = lossText;
  }

  /** One line, with its line feed. Never waits, never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    // Once some are lost, all are until the rest has gone: one gap, told in one line.
    if (this.#lost > 0 && this.#waiting.length > 0) this.#lose(this.#whyLost);
    else if (this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) this.#lose("nobody reads standard error");
    else this.#put({ bytes, lines: 1 });
  }

  /** Resolves when nothing waits any more, after `limitMs` at the latest: what waits then is lost. */
  async finish(limitMs: number): Promise<void> {
    const end = performance.now() + limitMs;
    while (this.#waiting.length > 0 && performance.now() < end) {
      await pause(LOOK_EVERY_MS);
      this.#flush();
    }
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #put(line: Line): void {
    this.#tellLoss();
    this.#add(line);
    if (this.#retry === undefined) this.#flush();
  }

  #add(line: Line): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.bytes.length;
  }

  #lose(why: string): void {
    this.#lost += 1;
    this.#whyLost = why;
  }

  #tellLoss(): void {
    if (this.#lost === 0) return;
    const lines = this.#lost;
    this.#lost = 0;
    this.#add({ bytes: Buffer.from(this.#lossText(lines, this.#whyLost)), lines });
  }

  #flush(): void {
    try {
      this.#writeWaiting();
      if (this.#waiting.length === 0 && this.#lost > 0) {
        this.#tellLoss();
        this.#writeWaiting();
      }
    } catch (error) {
      this.#refused(error);
    }
    if (this.#waiting.length > 0) this.#tryLater();
  }

  #writeWaiting(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { bytes } = first;
      const taken = this.#take(bytes, this.#offset);
      if (taken === 0) return;
      this.#retryMs = FIRST_RETRY_MS;
      this.#offset += taken;
      if (this.#offset < bytes.length) continue;
      this.#waiting.shift();
      this.#waitingBytes -= bytes.length;
      this.#offset = 0;
    }
  }

  /** A full disk, or a reader that has gone: no attempt of ours helps, so they are not kept. The next line is tried again. */
  #refused(error: unknown): void {
    for (const { lines } of this.#waiting) this.#lost += lines;
    this.#whyLost = `standard error did not take them (${error instanceof Error ? error.message : String(error)})`;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#offset = 0;
  }

  #tryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#flush();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }
}
