/**
 * The state file: what a restarted daemon must know and can not read from the kernel. Written whole or not at all, and in
 * the background: whoever has something to keep never waits for the disk.
 */
import { constants, readFileSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Memory } from "../core/memory.ts";
import { bootClockMs } from "./clocks.ts";
import { KEPT_VERSION, readKept, writeKept } from "./kept-form.ts";

/** A reboot begins a new clock, and ends an administrator's wishes: so it is on Solaris. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Far more than all members of a host come to. */
const LONGEST_BYTES = 16 * 1024 * 1024;

export class Store {
  readonly #file: string;
  readonly #complain: (text: string) => void;
  #next: Memory | undefined;
  #writing: Promise<void> | undefined;
  #complained = false;

  /** @param complain hears, in a whole sentence with the remedy, of a file that can not be read or written; work goes on */
  constructor(file: string, complain: (text: string) => void) {
    this.#file = file;
    this.#complain = complain;
  }

  /**
   * What was kept since the machine was booted, with times on the clock of the boot (ms). Undefined where there is nothing, and
   * where the file is no good: that one is put aside as `.bad`, for whoever wants to know.
   */
  async read(): Promise<Memory | undefined> {
    try {
      const clock = { bootId: bootIdNow(), nowMs: bootClockMs() };
      const { bootId, members } = readKept(await readText(this.#file), clock);
      return bootId === clock.bootId ? { members } : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      await this.#putAside(reasonOf(error));
      return undefined;
    }
  }

  /** Writes it as soon as the disk has taken what came before. Of several that wait only the newest is written. */
  keep(memory: Memory): void {
    this.#next = memory;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all that was given to `keep` is on disk, or has been complained about. */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Takes the file away. */
  async remove(): Promise<void> {
    await this.written();
    await rm(this.#file, { force: true });
    await rm(this.#draft, { force: true });
  }

  get #draft(): string {
    return `${this.#file}.new`;
  }

  async #writeAll(): Promise<void> {
    for (let memory = this.#next; memory !== undefined; memory = this.#next) {
      this.#next = undefined;
      await this.#write(memory);
    }
    this.#writing = undefined;
  }

  async #write({ members }: Memory): Promise<void> {
    try {
      await writeDurably(this.#draft, writeKept({ version: KEPT_VERSION, bootId: bootIdNow(), members }));
      await rename(this.#draft, this.#file);
      await syncFolder(dirname(this.#file));
      this.#complained = false;
    } catch (error) {
      if (this.#complained) return;
      this.#complained = true;
      this.#complain(
        `State can not be kept in ${this.#file}: ${reasonOf(error)}. Until it can, a restart of the daemon forgets what was taken ` +
          "offline since: make room, or let us write there. It is tried again with the next change",
      );
    }
  }

  async #putAside(why: string): Promise<void> {
    const aside = `${this.#file}.bad`;
    const loss = "Everything is judged anew: what an administrator took offline is in service again";
    try {
      await rm(aside, { force: true, recursive: true });
      await rename(this.#file, aside);
      this.#complain(`The state kept in ${this.#file} is not understood: ${why}. It is put aside as ${aside}. ${loss}`);
    } catch (error) {
      this.#complain(
        `The state kept in ${this.#file} can neither be understood (${why}) nor put aside (${reasonOf(error)}): remove it. ${loss}`,
      );
    }
  }
}

async function readText(path: string): Promise<string> {
  // Without O_NONBLOCK a named pipe would hold us up for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new Error("found no regular file");
    if (status.size > LONGEST_BYTES) throw new Error(`found ${status.size} bytes, wanted at most ${LONGEST_BYTES}`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using(await open(path, "w", 0o600), async (handle) => {
    await handle.writeFile(text);
    await handle.sync();
  });
}

/** Without it the renaming itself may be lost with the power. */
async function syncFolder(path: string): Promise<void> {
  await using(await open(path, constants.O_RDONLY | constants.O_DIRECTORY), (handle) => handle.sync());
}

async function using(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

function bootIdNow(): string {
  return readFileSync(BOOT_ID, "utf8").trim();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
