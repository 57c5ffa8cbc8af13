/**
 * The machine's clock is `performance.now()` of the control worker: it begins anew with each of them. Here its times become
 * such as people read (wall clock), and such as a later process understands (`process.hrtime`: CLOCK_MONOTONIC, one
 * clock from boot to shutdown).
 */
import type { Memory } from "../core/memory.ts";

/** A step of the wall clock by less than this is the usual drift, and not worth that all times shown change. */
const STEP_MS = 1000;

export class Clocks {
  /** Monotonic ms of the boot at the machine's zero. */
  readonly #bootMs = bootClockMs() - performance.now();
  #wallMs = wallNow();

  /** ISO 8601, UTC. The same for the same time, until somebody sets the wall clock. */
  readonly toWall = (ms: number): string => new Date(this.#wallMs + ms).toISOString();

  /** Follows a wall clock that was set: a machine without a battery starts in 1970. */
  lookAtWall(): void {
    const wallMs = wallNow();
    if (Math.abs(wallMs - this.#wallMs) > STEP_MS) this.#wallMs = wallMs;
  }

  /** The same time on the clock of the boot (ms). */
  readonly toBootMs = (ms: number): number => ms + this.#bootMs;

  /** The machine's memory with times on the clock of the boot. */
  toBoot(memory: Memory): Memory {
    return shifted(memory, this.#bootMs);
  }

  /** What an earlier process kept, with times on the machine's clock. */
  fromBoot(memory: Memory): Memory {
    return shifted(memory, -this.#bootMs);
  }
}

/** CLOCK_MONOTONIC, ms: the same for all processes. */
export function bootClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function wallNow(): number {
  return Date.now() - performance.now();
}

function shifted({ members }: Memory, byMs: number): Memory {
  return {
    members: members.map((member) => ({
      ...member,
      since: member.since + byMs,
      ups: member.ups.map((up) => up + byMs),
      ...(member.up === undefined ? {} : { up: { ...member.up, since: member.up.since + byMs } }),
    })),
  };
}
