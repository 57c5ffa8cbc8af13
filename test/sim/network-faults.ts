/** What can go wrong where no carrier tells of it: hosts, paths, and the prober itself. */
import type { MachineEvent } from "../../src/core/events.ts";
import type { SimulatedSegment } from "../support/simulated-segment.ts";
import { type Fault, onNic } from "./fault.ts";
import { verdictWindowMs } from "./journal.ts";
import type { World } from "./world.ts";

export const NETWORK_FAULTS: readonly Fault[] = [
  { weight: 4, name: "path dead", happen: (world) => onNic(world, (nic) => cut(world, nic)) },
  { weight: 3, name: "path alive", happen: (world) => onNic(world, (nic) => heal(world, nic)) },
  { weight: 2, name: "one target cut off", happen: (world) => onNic(world, (nic) => cutOne(world, nic)) },
  { weight: 2, name: "target dies", happen: (world) => onHost(world, { alive: false }) },
  {
    weight: 2,
    name: "target returns",
    happen: (world) => onHost(world, { alive: true, answersEcho: true, loss: 0, delayMs: 1, limitPerSecond: 0 }),
  },
  { weight: 1, name: "target answers ARP only", happen: (world) => onHost(world, { answersEcho: false }) },
  { weight: 1, name: "target slow", happen: slowDown },
  { weight: 1, name: "target lossy", happen: (world) => onHost(world, { loss: 0.5 }) },
  { weight: 2, name: "target limits its answers", happen: limitAnswers },
  { weight: 3, name: "prober starved", happen: starve },
  {
    weight: 2,
    name: "probes not sent",
    happen: ({ daemon, random }) => daemon.prober.refuseSends(random.below(9_000)),
  },
  { weight: 2, name: "results late", happen: holdResults },
  { weight: 1, name: "spurious results", happen: ({ daemon }) => daemon.step(SPURIOUS) },
];

/** Of an index that no link has. */
const STRAY_PROBE = { index: 4_711, family: 4, sequence: 3, target: "192.0.2.1", sentAt: 0 } as const;
const SPURIOUS: MachineEvent = {
  type: "probe-results",
  results: [
    { kind: "lost", ...STRAY_PROBE },
    { kind: "answered", ...STRAY_PROBE, from: STRAY_PROBE.target, roundTripMs: 1, handledAt: 1 },
  ],
};

/** Hosts are well again and the prober is scheduled; a dead path stays so unless `repair`, and is then dead both ways. */
export function endNetworkFaults({ daemon, kernel, truth }: World, repair: boolean): void {
  daemon.holdsResults = false;
  daemon.prober.stall(0);
  daemon.prober.refuseSends(0);
  if (repair) daemon.segment.heal();
  else daemon.segment.healHosts();
  for (const { index } of kernel.links)
    if (daemon.segment.pathOf(index) !== "alive") daemon.segment.setPath(index, "dead");
  daemon.prober.releaseHeld();
  truth.touchAll();
}

function slowDown(world: World): void {
  world.hadSlowTargets = true;
  onHost(world, { delayMs: 200 + world.random.below(4_000) });
}

/** From a few a minute to more than anybody asks. */
function limitAnswers(world: World): void {
  const { random } = world;
  onHost(world, { limitPerSecond: random.pick([0.1, 1, 5, 20]) ?? 1, burst: 1 + random.below(5) });
}

function cut(world: World, name: string): void {
  const { daemon, kernel, random } = world;
  const state = random.pick(["dead", "deaf", "mute", "held"] as const) ?? "dead";
  world.hadSlowTargets ||= state === "held";
  daemon.segment.setPath(kernel.link(name)?.index ?? 0, state);
}

/** What was held in the network comes out, late. */
function heal({ daemon, kernel }: World, name: string): void {
  daemon.segment.setPath(kernel.link(name)?.index ?? 0, "alive");
  daemon.prober.releaseHeld();
}

function cutOne({ daemon, kernel, random }: World, name: string): void {
  const host = random.pick(daemon.segment.all)?.address;
  daemon.segment.setPath(kernel.link(name)?.index ?? 0, random.chance(0.5) ? "dead" : "alive", host);
}

function onHost(world: World, changes: Parameters<SimulatedSegment["setHost"]>[1]): void {
  const { segment } = world.daemon;
  const host = world.random.pick(segment.all)?.address ?? "";
  world.note(() => host);
  world.truth.touch(host);
  segment.setHost(host, changes);
}

/** It is not scheduled for up to twelve seconds: nobody's card has failed for that. */
function starve(world: World): void {
  const untilMs = world.kernel.nowMs + world.random.below(12_000);
  world.daemon.prober.stall(untilMs - world.kernel.nowMs);
  world.truth.delay(untilMs, longestVerdictMs(world));
}

/** The loop has no time for results, until the next time that this happens. */
function holdResults(world: World): void {
  const { daemon, truth, kernel } = world;
  if (!daemon.holdsResults) world.heldSinceMs = kernel.nowMs;
  else truth.delay(kernel.nowMs, kernel.nowMs - world.heldSinceMs + longestVerdictMs(world));
  daemon.holdsResults = !daemon.holdsResults;
}

function longestVerdictMs({ configuration }: World): number {
  return Math.max(0, ...configuration.groups.map(verdictWindowMs));
}
