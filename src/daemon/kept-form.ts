/** The form of the state file, and what is wrong with a file that has another one. */
import type { MemberMemory, Memory, StateReason } from "../core/memory.ts";
import { isFrom, type Origin } from "../host/origin.ts";

/** Grows when an older daemon would misunderstand the file. */
export const KEPT_VERSION = 1;

/** What the state file holds. */
export interface Kept extends Memory {
  readonly version: typeof KEPT_VERSION;
  /** The boot on whose clock (CLOCK_MONOTONIC, ms) all times are. */
  readonly bootId: string;
  /** The cookie of the network namespace. */
  readonly namespace: string;
}

const REASONS: { readonly [Reason in StateReason]: true } = {
  absent: true,
  new: true,
  "link-down": true,
  enslaved: true,
  "probes-lost": true,
  "group-failure": true,
  "no-targets": true,
  administrator: true,
  "duplicate-hardware-address": true,
  flapping: true,
  "link-up-delay": true,
  repaired: true,
};

/** How far a time may be off for reasons of rounding. */
const TOLERANCE_MS = 1000;

type Check = (value: unknown, latestMs: number) => boolean;

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
/** Between the boot and now: a member must not wait for a moment that never comes, and any such time can be shown as a date. */
const isTime: Check = (value, latestMs) =>
  Number.isFinite(value) && Number(value) >= -TOLERANCE_MS && Number(value) <= latestMs;
const isNumber = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isCount: Check = isNumber;
const isReason: Check = (value) => typeof value === "string" && Object.hasOwn(REASONS, value);
const isTimes: Check = (value, latestMs) => Array.isArray(value) && value.every((time) => isTime(time, latestMs));

/** Of files that an older daemon has written, and where it is no question, there is none. */
const isLinkUp: Check = (value, latestMs) =>
  value === undefined ||
  (isRecord(value) && isTime(value.since, latestMs) && isNumber(value.index) && isNumber(value.carrierLosses));

const FIELDS: { readonly [Key in keyof Required<MemberMemory>]: Check } = {
  group: isText,
  interface: isText,
  offline: isFlag,
  failed: isFlag,
  reason: isReason,
  failedFor: isReason,
  since: isTime,
  ups: isTimes,
  heldDown: isCount,
  up: isLinkUp,
};

/**
 * Takes the file's text apart. Undefined where it is about another boot, or another network namespace.
 * @param writtenMs when it was written, on the wall clock
 * @param nowMs CLOCK_MONOTONIC
 * @throws {Error} that says what was found and wanted, for everything that this version has not written itself
 */
export function readKept(text: string, writtenMs: number, origin: Origin, nowMs: number): Memory | undefined {
  const content: unknown = JSON.parse(text);
  if (!isRecord(content)) throw new Error("found no object");
  const { version, bootId, namespace, members } = content;
  if (version !== KEPT_VERSION) throw new Error(`found version ${JSON.stringify(version)}, wanted ${KEPT_VERSION}`);
  if (typeof bootId !== "string") throw new Error('found no text "bootId"');
  if (!Array.isArray(members)) throw new Error('found no list "members"');
  // Times of another boot have nothing to be compared with.
  checkMembers(members, bootId === origin.bootId ? nowMs + TOLERANCE_MS : Number.MAX_VALUE);
  return isFrom({ bootId, namespace }, writtenMs, origin) ? { members } : undefined;
}

/**
 * The file's text. JSON knows no infinity: it would write null, and the next start lose everything.
 * @throws {Error} that names what `readKept` would not take
 */
export function writeKept(kept: Kept): string {
  checkMembers(kept.members, Number.MAX_VALUE);
  return `${JSON.stringify(kept, null, 2)}\n`;
}

function checkMembers(members: readonly unknown[], latestMs: number): void {
  for (const [index, member] of members.entries()) checkMember(member, `members[${index}]`, latestMs);
}

function checkMember(member: unknown, path: string, latestMs: number): void {
  if (!isRecord(member)) throw new Error(`found no object at ${path}`);
  for (const [key, fits] of Object.entries(FIELDS)) {
    if (!fits(member[key], latestMs)) throw new Error(`${path}.${key} can not be ${shown(member[key])}`);
  }
}

/** Not as JSON where that has no word for a number. */
function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "missing");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
