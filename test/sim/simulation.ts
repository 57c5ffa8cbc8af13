/**
 * One simulated life of a host: rounds of chaos, each followed by calm, after which everything must be right again.
 * A seed decides all of it; a failed seed is run again with a trace.
 */
import { NOTHING_CONFIGURED } from "../support/simulated-configuration.ts";
import type { MachineLike } from "../support/simulated-daemon.ts";
import { checkCalm, checkReleased, checkSafety } from "./checkers.ts";
import { drill, effectiveDetectionTimeMs, repairLimitMs } from "./drills.ts";
import { endFamilyFaults } from "./family-faults.ts";
import { endFaults, randomFault } from "./faults.ts";
import { isStillComing } from "./state-checkers.ts";
import { CALM_MS, pass, passUntil } from "./time.ts";
import { Violated } from "./violated.ts";
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
const CHAOS_STEPS = 30;
/** Longer than the machine's own full scan (20 s) with everything that may follow from it. */
const SILENT_LOSS_CALM_MS = 60_000;
const QUIET_MS = 60_000;
/** A minute after it was raised last, and some answers from everybody. */
const PACE_LIMIT_MS = 150_000;
/** How often it is looked whether all have come to what they have to be. */
const LOOK_MS = 5_000;
/** A new daemon fails nobody by its probes before the first answer, for so long. */
const QUIET_PERIOD_MS = 40_000;

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
    waitForStates(world);
    checkCalm(world, strangersObjects);
  }
  checkPace(world);
  release(world, strangersObjects);
}

/** A fault, some progress of the daemon's, or some time; never everything that waits. */
function disturb(world: World): void {
  const { random, daemon, kernel } = world;
  if (random.chance(0.35)) randomFault(world);
  else if (random.chance(0.4)) daemon.deliverAnswer();
  else if (random.chance(0.5)) daemon.deliverNotices(1 + random.below(6));
  else if (random.chance(0.3)) daemon.settle();
  else daemon.advance(random.below(random.pick([300, 300, 300, 4_000, 15_000]) ?? 0));
  if (daemon.wakeAtMs !== undefined && daemon.wakeAtMs <= kernel.nowMs) daemon.step({ type: "timer" });
  checkSafety(world);
}

function calmDown(world: World): void {
  endFaults(world, world.random.chance(0.5));
  // What the machine does now it does on old news; from here on it knows everything.
  world.daemon.settle();
  pass(world, world.lostSilently ? SILENT_LOSS_CALM_MS : CALM_MS);
  world.lostSilently = false;
  world.settleUnanswered();
  waitForStates(world);
  world.shaken.clear();
}

/** Probes and hold-downs take their time, and no more than that; and after the last of them all comes to rest. */
function waitForStates(world: World): void {
  const { kernel, journal } = world;
  const repairMs = Math.max(0, ...world.configuration.groups.map((group) => repairLimitMs(world, group)));
  const untilMs = kernel.nowMs + repairMs + QUIET_PERIOD_MS;
  while (isStillComing(world) && kernel.nowMs < untilMs) pass(world, LOOK_MS);
  while (journal.lastNewsMs + CALM_MS > kernel.nowMs && kernel.nowMs < untilMs) pass(world, LOOK_MS);
}

/** With nothing going on the machine looks now and then, and asks for nothing; unless somebody is still to be judged. */
function checkQuiet(world: World): void {
  const { daemon, kernel } = world;
  if (world.hasUndecided()) return;
  const before = daemon.requestCount;
  daemon.advance(QUIET_MS);
  const asked = daemon.requestCount - before;
  if (asked > 0) throw new Violated(`${asked} requests within ${QUIET_MS} quiet ms until ${kernel.nowMs}`);
}

/** Once nobody is slow any more the failure detection time comes back to what was asked for; answers alone can tell that. */
function checkPace(world: World): void {
  const { truth, configuration } = world;
  const answered = configuration.groups.filter((group) =>
    group.members.some((member) => truth.mayBeAnswered(group, member)),
  );
  const isBack = () =>
    answered.every((group) => effectiveDetectionTimeMs(world, group) === group.failureDetectionTimeMs);
  passUntil(world, isBack, PACE_LIMIT_MS, () => `the failure detection time stays raised for ${PACE_LIMIT_MS} ms`);
}

function release(world: World, strangersObjects: string): void {
  endFamilyFaults(world);
  pass(world, CALM_MS);
  world.note(() => "RELEASE");
  world.replaceConfiguration(NOTHING_CONFIGURED);
  world.daemon.configure(world.configuration);
  pass(world, CALM_MS);
  checkReleased(world);
  if (world.strangersObjects() !== strangersObjects) throw new Violated("the release changed strangers' objects");
}
