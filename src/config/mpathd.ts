/**
 * `/etc/default/mpathd` of Solaris: `KEY=value` lines that set global defaults. It keeps its own rules: times are in
 * milliseconds, and what is wrong is told and replaced by a default; it never keeps the daemon from starting.
 */
import { DEFAULT_DETECTION_MS, LONGEST_MS } from "./durations.ts";
import { LineIndex } from "./places.ts";
import { shown } from "./problem.ts";

/** What the groups get where the configuration file says nothing. */
export interface MpathdDefaults {
  readonly failureDetectionTimeMs?: number | undefined;
  readonly failback?: boolean | undefined;
  readonly trackUngrouped?: boolean | undefined;
  /** What is wrong: file, line, and the words of Solaris; errors for the log. */
  readonly complaints: readonly string[];
}

/** As if there were no such file. */
export const NO_MPATHD_DEFAULTS: MpathdDefaults = { complaints: [] };

/** The least that this file may ask for; the configuration file may ask for less. */
const SHORTEST_DETECTION_MS = 100;

/** Understands the text of the file; `file` is the name that complaints show. Never throws. */
export function parseMpathdDefaults(text: string, file: string): MpathdDefaults {
  const values = valuesIn(text);
  const time = detectionTime(values.get("FAILURE_DETECTION_TIME"));
  const failback = yesOrNo("FAILBACK", values);
  const onlyGroups = yesOrNo("TRACK_INTERFACES_ONLY_WITH_GROUPS", values);
  return {
    failureDetectionTimeMs: time.value,
    failback: failback.value,
    trackUngrouped: onlyGroups.value === undefined ? undefined : !onlyGroups.value,
    complaints: [time, failback, onlyGroups].flatMap(({ complaint, line }) =>
      complaint === undefined ? [] : `${file}:${line}: ${complaint}`,
    ),
  };
}

/** What stands behind the `=` of a key, and in which line. */
interface Given {
  readonly text: string;
  readonly line: number;
}

interface Understood<Value> {
  readonly value?: Value;
  readonly complaint?: string;
  readonly line?: number;
}

/** The first value of each key, as Solaris has it. Other lines (comments, unknown keys) mean nothing here. */
function valuesIn(text: string): ReadonlyMap<string, Given> {
  const lines = new LineIndex(text);
  const pairs = [...text.matchAll(/^[^\S\n]*(\w+)=(.*)$/gm)].map(({ index, 1: key = "", 2: value = "" }) => {
    return [key.toUpperCase(), { text: value.trim(), line: lines.position(index).line }] as const;
  });
  return new Map(pairs.reverse());
}

function detectionTime(given: Given | undefined): Understood<number> {
  if (given === undefined) return {};
  const { text, line } = given;
  const timeMs = leadingNumber(text);
  if (timeMs <= 0) {
    const complaint = `Invalid failure detection time ${shown(text)}, assuming default of ${DEFAULT_DETECTION_MS} ms`;
    return { value: DEFAULT_DETECTION_MS, complaint, line };
  }
  if (timeMs < SHORTEST_DETECTION_MS) {
    const complaint = `Too small failure detection time of ${shown(text)}, assuming minimum of ${SHORTEST_DETECTION_MS} ms`;
    return { value: SHORTEST_DETECTION_MS, complaint, line };
  }
  if (timeMs <= LONGEST_MS) return { value: timeMs };
  const complaint = `Too large failure detection time of ${shown(text)}, assuming maximum of ${LONGEST_MS} ms`;
  return { value: LONGEST_MS, complaint, line };
}

/** As C's strtol with base 0 reads it: 0x is hexadecimal, a leading 0 octal, what follows is ignored, and no number is 0. */
function leadingNumber(text: string): number {
  const [, sign = "", hexadecimal, octal, decimal] = /^([+-]?)(?:0x([\da-f]+)|0([0-7]*)|([1-9]\d*))/i.exec(text) ?? [];
  const digits = hexadecimal ?? octal ?? decimal ?? "";
  const base = hexadecimal !== undefined ? 16 : octal !== undefined ? 8 : 10;
  const magnitude = digits === "" ? 0 : Number.parseInt(digits, base);
  return sign === "-" ? -magnitude : magnitude;
}

/** Whole words in any case. (Before Solaris 11 the first letters decided, and `nothing` meant no.) */
function yesOrNo(key: string, values: ReadonlyMap<string, Given>): Understood<boolean> {
  const given = values.get(key);
  if (given === undefined) return {};
  const { text, line } = given;
  switch (text.toLowerCase()) {
    case "yes":
      return { value: true };
    case "no":
      return { value: false };
    default:
      return { complaint: `Invalid value for ${key} ${shown(text)}`, line };
  }
}
