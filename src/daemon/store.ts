/**
 * The state file: what a restarted daemon must know and can not read from the kernel. Written in the background: whoever has
 * something to keep never waits for the disk.
 */
import type { Memory } from "../core/memory.ts";
import type { Origin } from "../host/origin.ts";
import { StateFile, type StateFileListener } from "../host/state-file.ts";
import { bootClockMs } from "./clocks.ts";
import { KEPT_VERSION, readKept, writeKept } from "./kept-form.ts";

const WORDS = {
  holds: "The state",
  lost: "Everything is judged anew: what an administrator took offline is in service again",
  unkept: "a restart of the daemon forgets what was taken offline since",
};

export class Store {
  readonly #file: StateFile;
  readonly #origin: Origin;
  #next: Memory | undefined;
  #unkept: Memory | undefined;
  #writing: Promise<void> | undefined;

  /** @param listener hears, in whole sentences, of a file that can not be read or written; work goes on */
  constructor(path: string, origin: Origin, listener: StateFileListener) {
    this.#file = new StateFile(path, WORDS, listener);
    this.#origin = origin;
  }

  /**
   * What was kept of this namespace since the machine was booted, with times on the clock of the boot (ms). Undefined where there
   * is nothing, and where the file is no good.
   */
  read(): Memory | undefined {
    return this.#file.read((text, writtenMs) => readKept(text, writtenMs, this.#origin, bootClockMs()));
  }

  /** Writes it as soon as the disk has taken what came before. Of several that wait only the newest is written. */
  keep(memory: Memory): void {
    this.#next = memory;
    this.#writing ??= this.#writeAll();
  }

  /** Writes what the disk refused before. */
  tryAgain(): void {
    if (this.#unkept !== undefined) this.keep(this.#unkept);
  }

  /** Resolves when all that was given to `keep` is on disk, or has been complained about. */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Takes the file away. */
  async remove(): Promise<void> {
    await this.written();
    this.#file.remove();
  }

  async #writeAll(): Promise<void> {
    for (let memory = this.#next; memory !== undefined; memory = this.#next) {
      this.#next = undefined;
      await this.#write(memory);
      this.#unkept = this.#file.failing ? memory : undefined;
    }
    this.#writing = undefined;
  }

  async #write({ members }: Memory): Promise<void> {
    const { bootId, namespace } = this.#origin;
    let text: string;
    try {
      text = writeKept({ version: KEPT_VERSION, bootId, namespace, members });
    } catch (error) {
      this.#file.fail(error);
      return;
    }
    await this.#file.writeDurably(text);
  }
}
