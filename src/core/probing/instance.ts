/** One family of one member, probed by itself. */
import type { AddressPrefix, Family } from "../configuration.ts";
import { ProbeHistory } from "./history.ts";
import { type Target, TargetList } from "./targets.ts";
import type { TransitiveSource } from "./transitive.ts";

/** A new instance is not judged for so long, or until the first answer: a switch may take its time to let it through. */
export const QUIET_PERIOD_MS = 40_000;

/** `quietUntil` of an instance that is judged. */
export const JUDGED = Number.NEGATIVE_INFINITY;
/** `quietUntil` of an instance that was never probed: its quiet period has not begun. */
export const NEVER_PROBED = Number.POSITIVE_INFINITY;

export interface Instance {
  readonly family: Family;
  /** The source of its probes, as configured: also while it is missing on the link. Undefined: there is none. */
  testAddress: AddressPrefix | undefined;
  /** It has no test address, and is probed without one. Undefined: it is not. */
  transitive: TransitiveSource | undefined;
  /** The test address is on the link, and not in duplicate address detection: probes can leave. */
  usable: boolean;
  /** Another member of the group has the same address: it is not probed. */
  duplicate: boolean;
  readonly history: ProbeHistory;
  readonly targets: TargetList;
  /** Monotonic ms; see `JUDGED` and `NEVER_PROBED`. */
  quietUntil: number;
  /** Five lost in a row, and not ten answered since: what people see as failed. Verdicts go by the history itself. */
  failed: boolean;
  /** Monotonic ms since when all hosts are asked, for one that was dropped: until what a later probe met with is known. */
  askingSince: number | undefined;
  /** The error code of the kernel that was last told of; "" once a probe has left again. */
  refusal: string;
  /** When replies of each kind that fit no probe were last told of (monotonic ms). */
  readonly strayToldAt: Partial<Record<StrayReply, number>>;
  readonly counters: ProbeCounters;
  /** What became of counted probes since it was last looked at what all have lost. */
  readonly sinceReview: { answered: number; lost: number };
}

export type StrayReply = "reply-out-of-window" | "reply-repeated" | "reply-fake";

export interface ProbeCounters {
  answered: number;
  lost: number;
  /** Never left: by our own lateness, or refused by the kernel. */
  unsent: number;
  /** Replies that fit no probe. */
  ambiguous: number;
  /** Monotonic ms at which the latest answer was filed. */
  lastAnswerAt: number | undefined;
}

export type Instances = Readonly<Record<Family, Instance>>;

export function newInstance(family: Family): Instance {
  return {
    family,
    testAddress: undefined,
    transitive: undefined,
    usable: false,
    duplicate: false,
    history: new ProbeHistory(),
    targets: new TargetList(),
    quietUntil: NEVER_PROBED,
    failed: false,
    askingSince: undefined,
    refusal: "",
    strayToldAt: {},
    counters: { answered: 0, lost: 0, unsent: 0, ambiguous: 0, lastAnswerAt: undefined },
    sinceReview: { answered: 0, lost: 0 },
  };
}

/** Both halves of a member, IPv4 first. */
export function instancesOf({ instances }: { readonly instances: Instances }): Instance[] {
  return [instances[4], instances[6]];
}

/** Probing is enabled: it has a test address of its own, or needs none. */
export function isProbed({ testAddress, transitive, duplicate }: Instance): boolean {
  return (testAddress !== undefined && !duplicate) || transitive !== undefined;
}

/** It is probed, and has somebody to probe: its probes can tell something. */
export function isCapable(instance: Instance): boolean {
  return isProbed(instance) && instance.targets.activeCount > 0;
}

/** In the quiet period: nothing is judged yet. */
export function isQuiet(instance: Instance): boolean {
  return instance.quietUntil !== JUDGED;
}

/** The answers and losses so far mean nothing any more. */
export function clearHistory(instance: Instance, now: number): void {
  instance.history.clear(now);
  instance.targets.awaitFirstAnswers();
  instance.failed = false;
}

/** Another test address, or none, or none needed any more: whatever was found with the one before is forgotten, targets included. */
export function resetInstance(instance: Instance, now: number): void {
  clearHistory(instance, now);
  instance.targets.clear();
  Object.assign(instance, {
    testAddress: undefined,
    transitive: undefined,
    usable: false,
    duplicate: false,
    askingSince: undefined,
    refusal: "",
  });
}

/** `target` is not asked for a while; a dropped host is to be replaced by another one. */
export function setAside(instance: Instance, target: Target, state: "slow" | "dead", now: number): void {
  if (target.kind === "host") instance.askingSince = now;
  instance.targets.setAside(target, state, now);
  forgetWithoutTargets(instance, now);
}

/** Without anybody to probe the history ends; what was found by it holds until others say otherwise. */
export function forgetWithoutTargets({ targets, history }: Instance, now: number): void {
  if (targets.activeCount === 0) history.clear(now);
}
