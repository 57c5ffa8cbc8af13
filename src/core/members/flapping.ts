/**
 * A link that comes and goes does more harm than one that is down: each time addresses move. The first repairs within a window
 * are believed at once; the next one has to wait until the older ones are a window ago, and each time that was not enough,
 * longer. Solaris knows the first part, for interfaces without probes only; here it holds for all, and for repairs by probes, too.
 */
import type { FlapLimit } from "../configuration.ts";

export interface FlapRecord {
  /** Monotonic ms of the latest link-ups and repairs, oldest first: as many as the limit counts. */
  ups: number[];
  /** How often in a row a repair was held down. */
  heldDown: number;
  /** Monotonic ms until which no repair is believed; undefined where none is held down. */
  heldUntil: number | undefined;
  /** The present failure has a link-up or a repair of its own in `ups`. */
  counted: boolean;
  /** The line was logged for the present failure. */
  told: boolean;
}

/** The fifth hold-down in a row is the longest: fifteen windows more than the first. */
const GREATEST_DOUBLING = 4;
/** Without failure for so many windows, everything before is forgotten. */
const STABLE_WINDOWS = 10;

export function newFlapRecord(): FlapRecord {
  return { ups: [], heldDown: 0, heldUntil: undefined, counted: false, told: false };
}

/** The link came up, or the probes are good again: from when on is that believed? */
export function noteUp(record: FlapRecord, limit: FlapLimit | undefined, now: number): void {
  record.counted = true;
  record.heldUntil = undefined;
  if (limit === undefined) return;
  const oldest = record.ups.length < limit.count ? undefined : record.ups.at(-limit.count);
  record.ups = [...record.ups, now].slice(-limit.count);
  if (oldest === undefined || now - oldest > limit.windowMs) return;
  holdDown(record, limit);
}

/** The limit, or the daemon, is another one than when the hold-down began: it ends when the present limit says so. */
export function holdDown(record: FlapRecord, limit: FlapLimit | undefined): void {
  record.ups = record.ups.slice(-(limit?.count ?? record.ups.length));
  const [oldest] = record.ups;
  const isOver = limit === undefined || oldest === undefined || record.ups.length < limit.count;
  record.heldUntil = isOver ? undefined : oldest + limit.windowMs * (1 + moreWindows(record));
}

/** Each hold-down in a row adds the double of the one before. */
function moreWindows({ heldDown }: FlapRecord): number {
  return 2 ** Math.min(heldDown, GREATEST_DOUBLING) - 1;
}

/** The repair was believed at last. */
export function noteRepair(record: FlapRecord): void {
  if (record.heldUntil !== undefined) record.heldDown++;
  record.heldUntil = undefined;
}

/** It failed, after having been good since `goodSince`. */
export function noteFailure(record: FlapRecord, limit: FlapLimit | undefined, goodSince: number, now: number): void {
  record.counted = false;
  record.told = false;
  if (limit !== undefined && now - goodSince > STABLE_WINDOWS * limit.windowMs) record.heldDown = 0;
}

/** For how long a repair is held down from now on (ms); 0 where it is not. A limit that was switched off holds nobody. */
export function heldDownMs(record: FlapRecord, limit: FlapLimit | undefined, now: number): number {
  const { heldUntil = now } = record;
  return limit === undefined ? 0 : Math.max(0, heldUntil - now);
}
