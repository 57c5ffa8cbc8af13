import type { FlapLimit } from "../core/configuration.ts";
import type { Reading } from "./reading.ts";

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Nobody waits longer for a verdict, and no timer takes 32 bits of milliseconds. */
export const LONGEST_MS = 24 * 60 * 60 * 1000;

/** As in Solaris. */
export const DEFAULT_DETECTION_MS = 10_000;

/** Below this the scheduling noise of an ordinary machine looks like a lost probe. */
const SHORTEST_DETECTION_MS = 10;

/** Reads `10s`, `500ms`, `2m` as milliseconds. A bare number is refused: it has been mistaken for both units. */
export function readDuration(text: string): Reading<number> {
  const [, digits = "", unit = ""] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs === undefined) {
    if (/^\d+$/.test(text)) return { wanted: `a duration with its unit: ${text}s or ${text}ms` };
    return { wanted: "a duration: a whole number and its unit (ms, s or m), such as 500ms or 10s" };
  }
  const durationMs = Number(digits) * unitMs;
  return durationMs > LONGEST_MS ? { wanted: "at most 1440m (a day)" } : { value: durationMs };
}

/** For messages: in seconds where they are whole. */
export function durationText(durationMs: number): string {
  return durationMs % 1000 === 0 ? `${durationMs / 1000}s` : `${durationMs}ms`;
}

/** A failure detection time in milliseconds. */
export function readDetectionTime(text: string): Reading<number> {
  const reading = readDuration(text);
  if ("wanted" in reading || reading.value >= SHORTEST_DETECTION_MS) return reading;
  return { wanted: `at least ${SHORTEST_DETECTION_MS}ms` };
}

/** Reads a duration, or `off` as 0. */
export function readDelay(text: string): Reading<number> {
  return text === "off" ? { value: 0 } : readDuration(text);
}

const MOST_FLAPS = 1000;

/** Reads `2/60s`, or `off` as undefined. */
export function readFlapLimit(text: string): Reading<FlapLimit | undefined> {
  if (text === "off") return { value: undefined };
  const [, count = "", window = ""] = /^(\d+)\/(.*)$/.exec(text) ?? [];
  const reading = readDuration(window);
  if (count === "") return { wanted: "repairs per duration, such as 2/60s, or off" };
  if ("wanted" in reading) return { wanted: `after the slash ${reading.wanted}` };
  if (reading.value === 0) return { wanted: "a duration above 0 after the slash" };
  const counted = Number(count);
  if (counted < 1 || counted > MOST_FLAPS) return { wanted: `1 to ${MOST_FLAPS} repairs before the slash` };
  return { value: { count: counted, windowMs: reading.value } };
}
