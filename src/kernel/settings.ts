/**
 * Sysctls that a group needs: written to /proc/sys/net, with the first old value of each kept in a file until it is put
 * back, so that even after a crash a link gets back what its administrator had chosen.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import type { KeptSettings, KernelOutcome } from "../core/kernel-state/kernel-objects.ts";
import {
  ALL_LINKS,
  DETECTION_SETTINGS,
  IPV6_DISABLED,
  MEMBER_SETTINGS,
  NAMESPACE_SETTINGS,
  OUTWEIGHED_BY_ALL,
  PER_FLOW_SETTINGS,
} from "../core/kernel-state/settings.ts";
import { failure, KernelError } from "./errors.ts";

/** Reads and writes small files in the right network namespace. */
export interface SettingFiles {
  /** The text of each file, or an errno. */
  readFiles(paths: readonly string[]): readonly (string | number)[];
  /** 0 or an errno. */
  writeFile(path: string, text: string): number;
}

/** Old values by index of the link (0 for the whole namespace) and key. */
type OldValues = Record<string, Record<string, string>>;

/** A reboot puts every setting back, and may give a link's index to another. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Every link has it, so that where it is missing the link is. */
const ON_EVERY_LINK = "ipv4.arp_ignore";

const { EINVAL, EIO, ENOENT } = constants.errno;
const DONE: KernelOutcome = { ok: true };
const KEY = /^(ipv[46])\.(neigh\.)?([a-z0-9_]+)$/;

/** Path of a setting, or undefined where key or link name could lead somewhere else. */
export function settingPath(link: string, key: string): string | undefined {
  const [, family, ofNeighbours, name] = KEY.exec(key) ?? [];
  if (family === undefined || link.includes("/") || link.includes("\0") || link === "." || link === "..")
    return undefined;
  // Links are folders here, so that a name with a dot needs no care, as it would in the notation of sysctl(8).
  const folder = ofNeighbours === undefined ? "conf" : "neigh";
  return link === "" ? `/proc/sys/net/${family}/${name}` : `/proc/sys/net/${family}/${folder}/${link}/${name}`;
}

export class Settings {
  readonly #files: SettingFiles;
  readonly #keptIn: string;
  readonly #oldValues: OldValues;

  /** @throws KernelError KERNEL_STATE_FILE where `keptIn` can not be written, or is there and can not be read. */
  constructor(files: SettingFiles, keptIn: string) {
    this.#files = files;
    this.#keptIn = keptIn;
    this.#oldValues = readOldValues(keptIn);
    const saved = this.#save();
    if (saved.ok) return;
    const message = `Old settings can not be kept in ${keptIn} (${saved.code}): make its folder, and let us write there.`;
    throw new KernelError(message, { code: "KERNEL_STATE_FILE", operation: "keeping old settings" });
  }

  /**
   * Values present now, by `LINK/KEY`; what is absent (a link that is gone, a kernel without IPv6) has no key. But
   * `LINK/ipv6.disable_ipv6` is there for every link that is, and "1" where the kernel gives the link no IPv6 at all.
   */
  values(links: readonly string[]): Record<string, string> {
    const ofLinks = [...MEMBER_SETTINGS.map(({ key }) => key), IPV6_DISABLED, ...Object.values(DETECTION_SETTINGS)];
    const values = this.#read([
      ...links.flatMap((link) => ofLinks.map((key) => ({ link, key }))),
      ...OUTWEIGHED_BY_ALL.map((key) => ({ link: ALL_LINKS, key })),
      ...[...NAMESPACE_SETTINGS, ...PER_FLOW_SETTINGS].map(({ key }) => ({ link: "", key })),
    ]);
    for (const link of links) {
      if (`${link}/${ON_EVERY_LINK}` in values) values[`${link}/${IPV6_DISABLED}`] ??= "1";
    }
    return values;
  }

  #read(wanted: readonly { readonly link: string; readonly key: string }[]): Record<string, string> {
    const places = wanted.flatMap(({ link, key }) => {
      const path = settingPath(link, key);
      return path === undefined ? [] : [{ name: `${link}/${key}`, path }];
    });
    const texts = this.#files.readFiles(places.map(({ path }) => path));
    const present = places.map(({ name }, i) => [name, texts[i]] as const);
    return Object.fromEntries(
      present.filter((entry): entry is readonly [string, string] => typeof entry[1] === "string"),
    );
  }

  /** Changes one setting; the value found before the first change is on disk before the change is made. */
  set(link: string, index: number, key: string, value: string): KernelOutcome {
    const path = settingPath(link, key);
    if (path === undefined) return failure(EINVAL, `"${key}" of link "${link}" is not the name of a setting`);
    const [before] = this.#files.readFiles([path]);
    if (typeof before !== "string") return failure(before ?? ENOENT, `reading ${path}`);
    const kept = this.#keep(index, key, before);
    return kept.ok ? this.#write(path, value) : kept;
  }

  /** The settings of which an old value is kept. */
  kept(): KeptSettings[] {
    return keptIn(this.#oldValues);
  }

  /**
   * Puts back the values of `keys` kept for the link of that index, whose name is `link` by now ("" where it is gone and took
   * its settings with it), and forgets them.
   */
  restore(link: string, index: number, keys: readonly string[]): KernelOutcome {
    const kept = this.#oldValues[index] ?? {};
    let outcome = DONE;
    for (const [key, value] of Object.entries(kept)) {
      if (!keys.includes(key)) continue;
      const gone = link === "" && index !== 0;
      const done = gone ? DONE : this.#write(settingPath(link, key) ?? "", value);
      if (done.ok || done.errno === ENOENT) delete kept[key];
      else outcome = done;
    }
    if (Object.keys(kept).length === 0) delete this.#oldValues[index];
    const saved = this.#save();
    return outcome.ok ? saved : outcome;
  }

  #keep(index: number, key: string, value: string): KernelOutcome {
    const kept = this.#oldValues[index] ?? {};
    if (key in kept) return DONE;
    this.#oldValues[index] = { ...kept, [key]: value };
    const saved = this.#save();
    if (!saved.ok) this.#oldValues[index] = kept;
    return saved;
  }

  #write(path: string, value: string): KernelOutcome {
    const errno = this.#files.writeFile(path, value);
    return errno === 0 ? DONE : failure(errno, `writing "${value}" to ${path}`);
  }

  /** Whole or not at all: a reader never sees half a file, whatever moment we die at. */
  #save(): KernelOutcome {
    const draft = `${this.#keptIn}.new`;
    try {
      makeFolder(dirname(this.#keptIn));
      writeFileSync(
        draft,
        `${JSON.stringify({ version: 1, bootId: bootId(), oldValues: this.#oldValues }, null, 2)}\n`,
        { mode: 0o600 },
      );
      renameSync(draft, this.#keptIn);
      return DONE;
    } catch (error) {
      // Not its own errno: "no such file" would be taken for "no such setting".
      return failure(EIO, `keeping old settings in ${this.#keptIn}: ${(error as Error).message}`);
    }
  }
}

/**
 * The settings of which an old value is kept in this file, which need not be there; nothing is changed.
 * @throws KernelError KERNEL_STATE_FILE where it is there and can not be read
 */
export function keptSettings(path: string): KeptSettings[] {
  return keptIn(readOldValues(path));
}

function keptIn(oldValues: OldValues): KeptSettings[] {
  return Object.entries(oldValues).map(([index, values]) => ({ index: Number(index), keys: Object.keys(values) }));
}

/**
 * Takes the file of old values away where none is left in it.
 * @throws KernelError KERNEL_STATE_FILE where it is there and can not be read
 */
export function removeEmptySettings(keptIn: string): void {
  if (Object.keys(readOldValues(keptIn)).length === 0) rmSync(keptIn, { force: true });
}

/** Not `recursive`: where the file system can not have folders (/proc) Node 20 would try for ever. */
function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path);
}

function bootId(): string {
  return readFileSync(BOOT_ID, "utf8").trim();
}

function readOldValues(path: string): OldValues {
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isSavedFile(content)) return content.bootId === bootId() ? content.oldValues : {};
    throw new Error('found no object "oldValues" of version 1');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    const found = cause instanceof Error ? cause.message : String(cause);
    const message = `The old settings kept in ${path} can not be read: ${found}. Repair or remove the file.`;
    throw new KernelError(message, { code: "KERNEL_STATE_FILE", operation: "reading old settings", cause });
  }
}

function isSavedFile(content: unknown): content is { bootId: string; oldValues: OldValues } {
  if (typeof content !== "object" || content === null) return false;
  if (!("version" in content) || content.version !== 1 || !("oldValues" in content)) return false;
  if (!("bootId" in content) || typeof content.bootId !== "string") return false;
  return isRecord(content.oldValues) && Object.values(content.oldValues).every(isTextRecord);
}

function isTextRecord(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
