/**
 * Sysctls that a group needs: written to /proc/sys/net, with the first old value of each kept in a file until it is put
 * back, so that even after a crash a link gets back what its administrator had chosen. That file serves only the way back:
 * whatever is wrong with it, the settings are made, and the old values are kept here until it can be written.
 */
import { constants } from "node:os";
import type { KeptSettings, KernelOutcome, Link } from "../core/kernel-state/kernel-objects.ts";
import {
  ALL_LINKS,
  DETECTION_SETTINGS,
  IPV6_DISABLED,
  MEMBER_SETTINGS,
  NAMESPACE_SETTINGS,
  NO_IPV6,
  OUTWEIGHED_BY_ALL,
  PER_FLOW_SETTINGS,
} from "../core/kernel-state/settings.ts";
import type { Origin } from "../host/origin.ts";
import { readRegularFile, StateFile, type StateFileListener } from "../host/state-file.ts";
import { failure } from "./errors.ts";
import { type OldValues, readOldValues, writeOldValues } from "./old-values.ts";

/** Reads and writes small files in the right network namespace. */
export interface SettingFiles {
  /** The text of each file, or an errno. */
  readFiles(paths: readonly string[]): readonly (string | number)[];
  /** 0 or an errno. */
  writeFile(path: string, text: string): number;
}

/** Where the old values are kept, and of which namespace they are. */
export interface SettingsPlace {
  readonly path: string;
  readonly origin: Origin;
}

/** The link with this index, which tells its name of now, and whether the index is still the same link's. */
export type FindLink = (index: number) => Found | null;

type Found = Pick<Link, "index" | "name" | "hardwareAddress">;

const WORDS = {
  holds: "The record of sysctl values from before us",
  lost: "Where the values that it held were others than those in force now, put them back yourself",
  unkept: "a daemon that is killed forgets what to put back",
};

/** Every link has it, so that where it is missing the link is. */
const ON_EVERY_LINK = "ipv4.arp_ignore";

/** A name that changes while we write is followed so often, and then again with the next attempt. */
const MOST_NAMES = 3;

const { EAGAIN, EINVAL, ENODEV, ENOENT } = constants.errno;
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
  readonly #findLink: FindLink;
  readonly #origin: Origin;
  readonly #file: StateFile;
  readonly #old: OldValues;

  constructor(files: SettingFiles, findLink: FindLink, { path, origin }: SettingsPlace, listener: StateFileListener) {
    this.#files = files;
    this.#findLink = findLink;
    this.#origin = origin;
    this.#file = new StateFile(path, WORDS, listener);
    this.#old = this.#file.read((text, writtenMs) => readOldValues(text, writtenMs, origin)) ?? new Map();
  }

  /**
   * Values present now, by `LINK/KEY`; what is absent (a link that is gone, a kernel without IPv6) has no key. But
   * `LINK/ipv6.disable_ipv6` is there for every link that is, and "none" where the kernel gives the link no IPv6 at all.
   */
  values(links: readonly string[]): Record<string, string> {
    const ofLinks = [...MEMBER_SETTINGS.map(({ key }) => key), IPV6_DISABLED, ...Object.values(DETECTION_SETTINGS)];
    const values = this.#read([
      ...links.flatMap((link) => ofLinks.map((key) => ({ link, key }))),
      ...OUTWEIGHED_BY_ALL.map((key) => ({ link: ALL_LINKS, key })),
      ...[...NAMESPACE_SETTINGS, ...PER_FLOW_SETTINGS].map(({ key }) => ({ link: "", key })),
    ]);
    for (const link of links) {
      if (`${link}/${ON_EVERY_LINK}` in values) values[`${link}/${IPV6_DISABLED}`] ??= NO_IPV6;
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

  /** Changes one setting; the value found before the first change is kept before the change is made. */
  set(link: string, index: number, key: string, value: string): KernelOutcome {
    const path = settingPath(link, key);
    if (path === undefined) return failure(EINVAL, `"${key}" of link "${link}" is not the name of a setting`);
    const [before] = this.#files.readFiles([path]);
    if (typeof before !== "string") return failure(before ?? ENOENT, `reading ${path}`);
    // Files know links by name, and another link may have taken this one by now.
    const found = this.#namespaceOrLink(index);
    if (found?.name !== link) return failure(ENODEV, `link ${index} is not ${link} any more`);
    this.#keep(found, index, key, before);
    return this.#write(path, value);
  }

  /**
   * The settings of which an old value is kept, now that these are the links. An index that belongs to another link by now says
   * that the one before is gone, and its settings with it.
   */
  kept(links: readonly Link[]): KeptSettings[] {
    for (const link of links) if (this.#isAnothers(link)) this.#old.delete(link.index);
    return keptIn(this.#old);
  }

  /** Writes down what could not be written before. */
  tryAgain(): void {
    if (this.#file.failing) this.#save();
  }

  /**
   * Puts back the values of `keys` kept for the link of that index, whatever its name is by now, and forgets them. Those of a link
   * that is gone went with it. EAGAIN: its name changes all the time.
   */
  restore(index: number, keys: readonly string[]): KernelOutcome {
    const { values = {} } = this.#old.get(index) ?? {};
    let outcome = DONE;
    for (const [key, value] of Object.entries(values)) {
      if (!keys.includes(key)) continue;
      const done = this.#putBack(index, key, value);
      if (done.ok) delete values[key];
      else outcome = done;
    }
    if (Object.keys(values).length === 0) this.#old.delete(index);
    this.#save();
    return outcome;
  }

  /** Done, too, where there is nothing any more that the value could be put back to. */
  #putBack(index: number, key: string, value: string): KernelOutcome {
    for (let tries = 0; tries < MOST_NAMES; tries++) {
      const found = this.#namespaceOrLink(index);
      if (found === null || this.#isAnothers(found)) return DONE;
      const done = this.#write(settingPath(found.name, key) ?? "", value);
      // Under a name that is not the link's any more nothing was written, or to another link.
      if (this.#namespaceOrLink(index)?.name !== found.name) continue;
      return done.ok || done.errno === ENOENT ? DONE : done;
    }
    return failure(EAGAIN, `putting "${value}" back to ${key} of link ${index}, whose name changes`);
  }

  /** The namespace's own settings have no link. */
  #namespaceOrLink(index: number): Found | null {
    return index === 0 ? { index, name: "", hardwareAddress: "" } : this.#findLink(index);
  }

  #isAnothers({ index, name, hardwareAddress }: Found): boolean {
    const before = this.#old.get(index)?.link;
    return before !== undefined && before.name !== name && before.hardwareAddress !== hardwareAddress;
  }

  #keep({ name, hardwareAddress }: Found, index: number, key: string, value: string): void {
    const old = this.#old.get(index) ?? { link: index === 0 ? undefined : { name, hardwareAddress }, values: {} };
    if (key in old.values) return;
    old.values[key] = value;
    this.#old.set(index, old);
    this.#save();
  }

  #write(path: string, value: string): KernelOutcome {
    const errno = this.#files.writeFile(path, value);
    return errno === 0 ? DONE : failure(errno, `writing "${value}" to ${path}`);
  }

  /** There is no file where nothing is to be put back. */
  #save(): void {
    if (this.#old.size > 0) this.#file.write(writeOldValues(this.#old, this.#origin));
    else this.#file.remove();
  }
}

/** The settings of which an old value is kept in this file, which need not be there, or be of any use; nothing is changed. */
export function keptSettings({ path, origin }: SettingsPlace): KeptSettings[] {
  try {
    const found = readRegularFile(path);
    return found === undefined ? [] : keptIn(readOldValues(found.text, found.writtenMs, origin));
  } catch {
    // Whoever does something about it says so.
    return [];
  }
}

function keptIn(old: OldValues): KeptSettings[] {
  return [...old].map(([index, { values }]) => ({ index, keys: Object.keys(values) }));
}
