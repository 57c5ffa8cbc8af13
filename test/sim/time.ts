/** Letting time pass while nothing new goes wrong, with what must hold all along. */
import { checkNoGap, checkSafety } from "./checkers.ts";
import { demand } from "./violated.ts";
import type { World } from "./world.ts";

/**
 * Longer than every retry (up to 10 s apart), settling of a link (2 s) and repeated announcement (8 s), but shorter than
 * the machine's own full scan (20 s): that must not be what heals.
 */
export const CALM_MS = 15_000;
/** How often a condition is looked at. */
const LOOK_MS = 500;

export function pass(world: World, milliseconds: number): void {
  const hosted = new Set<string>();
  world.kernel.afterRequest = () => checkNoGap(world, hosted);
  world.daemon.advance(milliseconds);
  world.kernel.afterRequest = () => undefined;
  checkSafety(world);
}

/** @throws {Violated} with `text` where `condition` has not come true after `limitMs`. */
export function passUntil(world: World, condition: () => boolean, limitMs: number, text: () => string): void {
  for (let passedMs = 0; passedMs < limitMs && !condition(); passedMs += LOOK_MS) pass(world, LOOK_MS);
  demand(condition(), text);
}
