/** The form of the state file, and what is wrong with a file that has another one. */
import type { MemberMemory, Memory, StateReason } from "../core/memory.ts";

/** Grows when an older daemon would misunderstand the file. */
export const KEPT_VERSION = 1;

/** What the state file holds. */
export interface Kept extends Memory {
  readonly version: typeof KEPT_VERSION;
  /** The boot on whose clock (CLOCK_MONOTONIC, ms) all times are. */
  readonly bootId: string;
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
  repaired: true,
};

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isTime: Check = (value) => typeof value === "number";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isReason: Check = (value) => typeof value === "string" && Object.hasOwn(REASONS, value);
const isTimes: Check = (value) => Array.isArray(value) && value.every(isTime);

const FIELDS: { readonly [Key in keyof MemberMemory]: Check } = {
  group: isText,
  interface: isText,
  offline: isFlag,
  failed: isFlag,
  reason: isReason,
  failedFor: isReason,
  since: isTime,
  ups: isTimes,
  heldDown: isCount,
};

/**
 * Takes the file's text apart.
 * @throws {Error} that says what was found and wanted, for everything that this version has not written itself
 */
export function readKept(text: string): Kept {
  const content: unknown = JSON.parse(text);
  if (!isRecord(content)) throw new Error("found no object");
  if (content.version !== KEPT_VERSION) {
    throw new Error(`found version ${JSON.stringify(content.version)}, wanted ${KEPT_VERSION}`);
  }
  if (typeof content.bootId !== "string") throw new Error('found no text "bootId"');
  if (!Array.isArray(content.members)) throw new Error('found no list "members"');
  for (const [index, member] of content.members.entries()) checkMember(member, `members[${index}]`);
  return content as unknown as Kept;
}

function checkMember(member: unknown, path: string): void {
  if (!isRecord(member)) throw new Error(`found no object at ${path}`);
  for (const [key, fits] of Object.entries(FIELDS)) {
    if (!fits(member[key])) throw new Error(`${path}.${key} can not be ${JSON.stringify(member[key]) ?? "missing"}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
