/** The form of the file that keeps old values of settings, and what is wrong with a file that has another one. */
import { isFrom, type Origin } from "../host/origin.ts";

/** Grows when an older daemon would misunderstand the file. */
const VERSION = 1;

export interface OldValuesOfLink {
  /** Whose index it was; undefined for the namespace itself, and where an earlier version did not write it down. */
  readonly link: { readonly name: string; readonly hardwareAddress: string } | undefined;
  /** By key. */
  readonly values: Record<string, string>;
}

/** By index of the link; 0 is the whole namespace. */
export type OldValues = Map<number, OldValuesOfLink>;

interface Saved {
  readonly bootId: string;
  readonly namespace?: unknown;
  readonly oldValues: Record<string, Record<string, string>>;
  readonly links: Record<string, { readonly name: string; readonly hardwareAddress: string }>;
}

/**
 * Takes the file's text apart. A reboot puts every setting back, and nothing outlives its namespace: what comes from elsewhere is
 * nothing.
 * @throws {Error} that says what was found, for everything that this version has not written itself
 */
export function readOldValues(text: string, writtenMs: number, origin: Origin): OldValues {
  const saved = checked(JSON.parse(text));
  if (!isFrom(saved, writtenMs, origin)) return new Map();
  const entries = Object.entries(saved.oldValues);
  return new Map(entries.map(([index, values]) => [Number(index), { link: saved.links[index], values }]));
}

export function writeOldValues(old: OldValues, { bootId, namespace }: Origin): string {
  const entries = [...old];
  const oldValues = Object.fromEntries(entries.map(([index, { values }]) => [index, values]));
  const links = Object.fromEntries(entries.flatMap(([index, { link }]) => (link === undefined ? [] : [[index, link]])));
  return `${JSON.stringify({ version: VERSION, bootId, namespace, oldValues, links }, null, 2)}\n`;
}

function checked(content: unknown): Saved {
  if (!isRecord(content)) throw new Error("found no object");
  const { version, bootId, namespace, oldValues, links = {} } = content;
  if (version !== VERSION) throw new Error(`found version ${JSON.stringify(version)}, wanted ${VERSION}`);
  if (typeof bootId !== "string") throw new Error('found no text "bootId"');
  if (!isRecordOf(oldValues, isTextRecord)) throw new Error('found no object "oldValues" of texts by index and key');
  if (!isRecordOf(links, isLink)) throw new Error('found no object "links" of names and hardware addresses by index');
  return { bootId, namespace, oldValues, links };
}

function isLink(value: unknown): value is Saved["links"][string] {
  if (!isRecord(value)) return false;
  const { name, hardwareAddress } = value;
  return typeof name === "string" && typeof hardwareAddress === "string";
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecordOf(value, (text): text is string => typeof text === "string");
}

/** By texts. */
function isRecordOf<Value>(value: unknown, is: (value: unknown) => value is Value): value is Record<string, Value> {
  return isRecord(value) && Object.values(value).every(is);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
