/**
 * One simulated life of a host: rounds of chaos, each followed by calm, after which everything must be right again.
 * A seed decides all of it; a failed seed is run again with a trace.
 */
import { NOTHING_CONFIGURED } from "../support/simulated-configuration.ts";
import type { MachineLike } from "../support/simulated-daemon.ts";
import {
  checkCalm,
  checkNoGap,
  checkReleased,
  checkSafety,
  functioningMembers,
  outboundLinks,
  Violated,
} from "./checkers.ts";
import { endFaults, randomFault } from "./faults.ts";
import { World } from "./world.ts";

export interface SimulationOptions {
  readonly makeMachine?: (() => MachineLike) | undefined;
  readonly traced?: boolean;
}

export interface SimulationFailure {
  readonly seed: number;
  readonly text: string;
  readonly trace: readonly string[];
}

const ROUNDS = 4;
const CHAOS_STEPS = 25;
/**
 * Longer than every retry (up to 10 s apart), settling of a link (2 s) and repeated announcement (8 s), but shorter than
 * the machine's own full scan (20 s): that must not be what heals.
 */
const CALM_MS = 15_000;
/** Longer than the machine's own full scan (20 s) with everything that may follow from it. */
const SILENT_LOSS_CALM_MS = 60_000;
const QUIET_MS = 60_000;

/** Runs one seed; undefined when nothing was violated. */
export function simulate(seed: number, options: SimulationOptions = {}): SimulationFailure | undefined {
  const world = new World(seed, options.traced ?? false, options.makeMachine);
  try {
    live(world);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const text = error instanceof Violated ? error.message : (error.stack ?? error.message);
    return { seed, text, trace: world.trace ?? [] };
  }
}

function live(world: World): void {
  const strangersObjects = world.strangersObjects();
  world.daemon.configure(world.configuration);
  for (let round = 0; round < ROUNDS; round++) {
    for (let step = 0; step < CHAOS_STEPS; step++) disturb(world);
    calmDown(world);
    checkCalm(world, strangersObjects);
    checkQuiet(world);
    drill(world);
    checkCalm(world, strangersObjects);
  }
  release(world, strangersObjects);
}

/** A fault, some progress of the daemon's, or some time; never everything that waits. */
function disturb(world: World): void {
  const { random, daemon, kernel } = world;
  if (random.chance(0.35)) randomFault(world);
  else if (random.chance(0.4)) daemon.deliverAnswer();
  else if (random.chance(0.5)) daemon.deliverNotices(1 + random.below(6));
  else if (random.chance(0.45)) daemon.settle();
  else daemon.advance(random.below(random.chance(0.2) ? 4_000 : 300));
  if (daemon.wakeAtMs !== undefined && daemon.wakeAtMs <= kernel.nowMs) daemon.step({ type: "timer" });
  checkSafety(world);
}

function calmDown(world: World): void {
  endFaults(world, world.random.chance(0.5));
  // What the machine does now it does on old news; from here on it knows everything.
  world.daemon.settle();
  pass(world, world.lostSilently ? SILENT_LOSS_CALM_MS : CALM_MS);
  world.lostSilently = false;
  world.shaken.clear();
}

function pass(world: World, milliseconds: number): void {
  const hosted = new Set<string>();
  world.kernel.afterRequest = () => checkNoGap(world, hosted);
  world.daemon.advance(milliseconds);
  world.kernel.afterRequest = () => undefined;
  checkSafety(world);
}

/** With nothing going on the machine looks now and then, and asks for nothing. */
function checkQuiet({ daemon, kernel }: World): void {
  const before = daemon.requestCount;
  daemon.advance(QUIET_MS);
  const asked = daemon.requestCount - before;
  if (asked > 0) throw new Violated(`${asked} requests within ${QUIET_MS} quiet ms until ${kernel.nowMs}`);
}

/**
 * From calm, one active member loses its link while another works: the armed plan alone must keep the peer's packets
 * coming and ours leaving, before the machine has heard of it; then the machine must have it all in place at once.
 */
function drill(world: World): void {
  const { daemon, kernel, random } = world;
  const group = random.pick(world.configuration.groups);
  const active = daemon.snapshot().groups.find((row) => row.groupName === group?.name)?.active ?? [];
  const victim = random.pick(active);
  if (group === undefined || victim === undefined || functioningMembers(world, group).length < 2) return;
  world.note(() => `DRILL ${victim}`);
  kernel.setCable(victim, false);
  demandTraffic(world, "by the plan alone");
  pass(world, 0);
  demandTraffic(world, "after the machine's first answer");
  pass(world, CALM_MS);
}

function demandTraffic(world: World, when: string): void {
  for (const group of world.configuration.groups) {
    if (functioningMembers(world, group).length === 0) continue;
    for (const { family, address, subnet } of group.addresses) {
      if (!world.kernel.peer.reaches(family, address)) throw new Violated(`the peer does not reach ${address} ${when}`);
      if (outboundLinks(world, subnet).length === 0) throw new Violated(`nothing leaves for ${subnet} ${when}`);
    }
  }
}

function release(world: World, strangersObjects: string): void {
  world.note(() => "RELEASE");
  world.configuration = NOTHING_CONFIGURED;
  world.daemon.configure(world.configuration);
  pass(world, CALM_MS);
  checkReleased(world);
  if (world.strangersObjects() !== strangersObjects) throw new Violated("the release changed strangers' objects");
}
