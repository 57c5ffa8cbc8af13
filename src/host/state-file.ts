/**
 * One file of state: whole or not at all, whoever dies at whatever moment. It serves only the way back, so nothing that is
 * wrong with it ever stands in the way forward: what can not be understood is put aside, and what can not be written is kept
 * by its owner in memory and tried again. Both are told, once when it begins and once when it ends.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeSafeDirectory } from "./safe-directory.ts";

/** Far more than all members of a host come to. */
const LARGEST_BYTES = 16 * 1024 * 1024;

const OWNER_ONLY = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

// Never through a link that somebody else may have put there, nor held up by a pipe that nobody writes to.
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_DIRECTORY } = constants;
const TO_READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const TO_DRAFT = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** Hears, in whole sentences, when a file begins to be of no use, and when that ends. */
export interface StateFileListener {
  failed(text: string): void;
  recovered(text: string): void;
}

export interface StateFileWords {
  /** What the file holds, as the beginning of a sentence: "The state". */
  readonly holds: string;
  /** What follows from a file that is not understood, in a whole sentence. */
  readonly lost: string;
  /** What follows while it can not be written: the rest of a sentence that begins with "Until it can,". */
  readonly unkept: string;
}

export class StateFile {
  readonly path: string;
  readonly #words: StateFileWords;
  readonly #listener: StateFileListener;
  /** What is there could not be understood, and not be put aside either: it is never written over. */
  #inTheWay = false;
  #failing = false;
  /** Its directory is there, and nobody else can exchange what is in it. */
  #ready = false;

  constructor(path: string, words: StateFileWords, listener: StateFileListener) {
    this.path = path;
    this.#words = words;
    this.#listener = listener;
  }

  /** The last attempt to write failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /**
   * What `understand` makes of the text and of the time when it was written (wall clock, ms); undefined where there is no file,
   * and where it is of no use. That one is put aside as `.bad`, for whoever wants to know.
   */
  read<Value>(understand: (text: string, writtenMs: number) => Value): Value | undefined {
    try {
      this.#openDirectory();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
    try {
      const found = readRegularFile(this.path);
      return found === undefined ? undefined : understand(found.text, found.writtenMs);
    } catch (error) {
      this.#distrust(reasonOf(error));
      return undefined;
    }
  }

  /**
   * Writes it before it returns, without waiting for the disk: it is of use until a reboot, so it has to survive us, and the loss
   * of power only in one piece.
   */
  write(text: string): void {
    try {
      this.#makeRoom();
      const descriptor = openDraft(this.#draft);
      try {
        writeFileSync(descriptor, text);
        renameSync(this.#draft, this.path);
      } catch (error) {
        closeSync(descriptor);
        // On a full disk it would hold what little there is.
        rmSync(this.#draft, { force: true });
        throw error;
      }
      fsync(descriptor, () => closeSync(descriptor));
      this.#succeeded();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Writes it without holding anybody up, and resolves when the disk has it, or has refused it. */
  async writeDurably(text: string): Promise<void> {
    try {
      this.#makeRoom();
      await using(await openDraftLater(this.#draft), async (handle) => {
        await handle.writeFile(text);
        await handle.sync();
      });
      await rename(this.#draft, this.path);
      // Without it the renaming itself may be lost with the power.
      await using(await open(dirname(this.path), O_RDONLY | O_DIRECTORY), (handle) => handle.sync());
      this.#succeeded();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Takes the file away, and its draft. */
  remove(): void {
    try {
      rmSync(this.path, { force: true });
      rmSync(this.#draft, { force: true, recursive: true });
    } catch (error) {
      // Who can not write there can not remove there: one complaint is enough.
      if (!this.#failing)
        this.#listener.failed(`${this.path} can not be removed: ${reasonOf(error)}. Remove it yourself`);
    }
  }

  /** What was to be written could not be. Told once, until it can. */
  fail(error: unknown): void {
    this.#ready = false;
    if (this.#failing) return;
    this.#failing = true;
    this.#listener.failed(
      `${this.#words.holds} can not be kept in ${this.path}: ${reasonOf(error)}. Until it can, ${this.#words.unkept}: ` +
        "make room, or let us write there. It is tried again until it works",
    );
  }

  get #draft(): string {
    return `${this.path}.new`;
  }

  #succeeded(): void {
    if (!this.#failing) return;
    this.#failing = false;
    this.#listener.recovered(`${this.#words.holds} can be kept in ${this.path} again, and is`);
  }

  /** Looks only where something was wrong: it may be the disk that is slow. */
  #makeRoom(): void {
    if (!this.#ready) this.#openDirectory();
    if (this.#inTheWay) putAside(this.path);
    this.#inTheWay = false;
  }

  #openDirectory(): void {
    makeSafeDirectory(dirname(this.path));
    this.#ready = true;
  }

  #distrust(why: string): void {
    const { holds, lost } = this.#words;
    try {
      const aside = putAside(this.path);
      this.#listener.failed(
        `${holds} kept in ${this.path} is not understood: ${why}. It is put aside as ${aside}. ${lost}`,
      );
    } catch (error) {
      this.#inTheWay = true;
      this.#listener.failed(
        `${holds} kept in ${this.path} can neither be understood (${why}) nor put aside (${reasonOf(error)}): remove it. ${lost}`,
      );
    }
  }
}

/**
 * The text of a regular file that nobody but root and us can have written; undefined where there is none.
 * @throws {Error} that says what was found instead
 */
export function readRegularFile(path: string): { readonly text: string; readonly writtenMs: number } | undefined {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return undefined;
  try {
    const status = fstatSync(descriptor);
    checkTrust(status);
    return { text: readBounded(descriptor, status.size).toString("utf8"), writtenMs: status.mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/** Opening some devices does something: what is none of ours is not even opened. */
function openIfThere(path: string): number | undefined {
  try {
    if (!lstatSync(path).isFile()) throw new Error("found no regular file");
    return openSync(path, TO_READ);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not a folder: its state directory is none, which is told as soon as something is to be kept.
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function checkTrust(status: Stats): void {
  const us = process.geteuid?.() ?? 0;
  if (!status.isFile()) throw new Error("found no regular file");
  if (status.uid !== 0 && status.uid !== us)
    throw new Error(`found a file of user ${status.uid}, wanted one of user ${us}`);
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0) throw new Error("found a file that others may write");
}

/** One byte more than it is long shows whether it grows while it is read. */
function readBounded(descriptor: number, size: number): Buffer {
  if (size > LARGEST_BYTES) throw new Error(`found ${size} bytes, wanted at most ${LARGEST_BYTES}`);
  const buffer = Buffer.alloc(size + 1);
  for (let length = 0; ; ) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += count;
    if (length === buffer.length) throw new Error("found a file that grows while it is read");
    if (count === 0) return buffer.subarray(0, length);
  }
}

/** The mode is set by number: whoever started us may have left any umask. */
function openDraft(path: string): number {
  const descriptor = openAnew(path);
  fchmodSync(descriptor, OWNER_ONLY);
  return descriptor;
}

/** What is in its place is a draft that somebody did not finish. */
function openAnew(path: string): number {
  try {
    return openSync(path, TO_DRAFT, OWNER_ONLY);
  } catch (error) {
    if (!isThere(error)) throw error;
    rmSync(path, { force: true, recursive: true });
    return openSync(path, TO_DRAFT, OWNER_ONLY);
  }
}

async function openDraftLater(path: string): Promise<FileHandle> {
  const handle = await openAnewLater(path);
  await handle.chmod(OWNER_ONLY);
  return handle;
}

async function openAnewLater(path: string): Promise<FileHandle> {
  try {
    return await open(path, TO_DRAFT, OWNER_ONLY);
  } catch (error) {
    if (!isThere(error)) throw error;
    await rm(path, { force: true, recursive: true });
    return await open(path, TO_DRAFT, OWNER_ONLY);
  }
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EEXIST";
}

/** Returns the new name. What is there under that name already is the older one of two wrecks. */
function putAside(path: string): string {
  const aside = `${path}.bad`;
  try {
    rmSync(aside, { force: true, recursive: true });
    renameSync(path, aside);
  } catch (error) {
    // Somebody else has taken it away meanwhile.
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw error;
  }
  return aside;
}

async function using(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
