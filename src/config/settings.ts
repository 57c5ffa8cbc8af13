/** The keys that the top level sets for all groups, and that a group may set for itself. */
import type { FailOn, FlapLimit } from "../core/configuration.ts";
import { DEFAULT_DETECTION_MS, readDelay, readDetectionTime, readFlapLimit } from "./durations.ts";
import type { MpathdDefaults } from "./mpathd.ts";
import type { Reading } from "./reading.ts";
import { below, draftText, type Fields, type Placed, type Spot } from "./spot.ts";

export interface Settings {
  readonly failback: boolean;
  /** The offset is undefined where the file does not say it. */
  readonly detectionTimeMs: { readonly value: number; readonly offset: number | undefined };
  /** Undefined: a multiple of the time. */
  readonly detectionTimeLimitMs: Placed<number> | undefined;
  readonly failOn: FailOn;
  /** Undefined: none. */
  readonly flapLimit: FlapLimit | undefined;
  /** 0: none. */
  readonly linkUpDelayMs: number;
  readonly transitiveProbing: boolean;
}

/** A raise beyond this multiple of what was asked for would be no detection any more. */
export const LIMIT_FACTOR = 10;

/** What holds before the file has said anything. */
export function settingsBefore({ failureDetectionTimeMs, failback }: MpathdDefaults): Settings {
  return {
    failback: failback ?? true,
    detectionTimeMs: { value: failureDetectionTimeMs ?? DEFAULT_DETECTION_MS, offset: undefined },
    detectionTimeLimitMs: undefined,
    failOn: "all-families",
    flapLimit: { count: 2, windowMs: 60_000 },
    linkUpDelayMs: 0,
    transitiveProbing: false,
  };
}

/** `inherited` stands in for what the mapping does not say. */
export function draftSettings(fields: Fields, spot: Spot, inherited: Settings): Settings {
  const read = <Value>(key: string, reader: (text: string) => Reading<Value>) =>
    draftText(fields[key], below(spot, key), reader);
  const failOn = fields["fail-on"];
  const flapLimit = read("flap-limit", readFlapLimit);
  const flag = (key: string, otherwise: boolean) => {
    const value = fields[key];
    return typeof value === "boolean" ? value : otherwise;
  };
  return {
    failback: flag("failback", inherited.failback),
    detectionTimeMs: read("failure-detection-time", readDetectionTime) ?? inherited.detectionTimeMs,
    detectionTimeLimitMs: read("failure-detection-time-limit", readDetectionTime) ?? inherited.detectionTimeLimitMs,
    failOn: failOn === "all-families" || failOn === "any-family" ? failOn : inherited.failOn,
    flapLimit: flapLimit === undefined ? inherited.flapLimit : flapLimit.value,
    linkUpDelayMs: read("link-up-delay", readDelay)?.value ?? inherited.linkUpDelayMs,
    transitiveProbing: flag("transitive-probing", inherited.transitiveProbing),
  };
}

/** How far the failure detection time may be raised (ms). */
export function limitOf({ detectionTimeMs, detectionTimeLimitMs }: Settings): number {
  return detectionTimeLimitMs?.value ?? LIMIT_FACTOR * detectionTimeMs.value;
}
