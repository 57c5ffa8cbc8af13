/**
 * A host whose targets answer only part of its probes, for as long as wanted: nobody may fail for that, it is told once, and a path that
 * really dies is found all the same.
 */
import type { Message } from "../../src/core/messages.ts";
import { Random } from "../support/random.ts";
import { parseConfiguration } from "../support/simulated-configuration.ts";
import { type MachineLike, SimulatedDaemon } from "../support/simulated-daemon.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import type { SegmentHost } from "../support/simulated-segment.ts";

export interface LimitedLife {
  readonly nics: readonly string[];
  /** Of one group: see `simulated-configuration.ts`. */
  readonly configuration: string;
  /** What is wrong with which host, from the second minute on; all others are as good as can be. */
  readonly hosts: Readonly<Record<string, Partial<Omit<SegmentHost, "address" | "family">>>>;
  /** So few answers come that at its beginning the limit is the same as a dead network: the group fails once, and returns. */
  readonly groupFailsOnce?: boolean;
  readonly makeMachine?: () => MachineLike;
}

export interface LimitedOutcome {
  /** Lines about failures while nothing but the limit was wrong. */
  readonly failures: readonly Message["id"][];
  /** How often each of the other messages was said meanwhile. */
  readonly told: Readonly<Record<string, number>>;
  /** The failure detection time in force at the end of that time. */
  readonly detectionTimeMs: number;
  /** After so long a dead path was found; undefined where it was not within ten detection times in force. */
  readonly foundAfterMs: number | undefined;
}

const FAILURES: readonly Message["id"][] = ["interface-failed", "group-failed"];
const MINUTE_MS = 60_000;
const LOOK_MS = 10;

export function liveLimited(life: LimitedLife, hours: number, seed: number): LimitedOutcome {
  const random = new Random(seed);
  const kernel = new SimulatedKernel({ kinds: ["dummy"], duplicateDetectionMs: () => 1000 });
  const said: Message["id"][] = [];
  const daemon = new SimulatedDaemon(
    kernel,
    { action: (action) => void (action.type === "log" && said.push(action.message.id)) },
    { uniform: () => random.next(), makeMachine: life.makeMachine },
  );
  for (const nic of life.nics) kernel.plugIn(nic);
  for (const address of Object.keys(life.hosts)) daemon.segment.setHost(address, { answersMulticast: false });
  daemon.configure(parseConfiguration([life.configuration]));
  daemon.advance(MINUTE_MS);
  said.length = 0;
  for (const [address, changes] of Object.entries(life.hosts)) daemon.segment.setHost(address, changes);
  for (let minute = 0; minute < hours * 60; minute++) daemon.advance(MINUTE_MS);
  const lines = said.splice(0);
  const isFailure = (id: Message["id"]) => FAILURES.includes(id);
  const told: Record<string, number> = {};
  for (const id of lines) if (!isFailure(id)) told[id] = (told[id] ?? 0) + 1;
  const detectionTimeMs = daemon.snapshot().groups[0]?.failureDetectionTimeMs ?? 0;
  daemon.segment.setPath(kernel.link(life.nics[0] ?? "")?.index ?? 0, "dead");
  const diedAtMs = kernel.nowMs;
  while (!said.some(isFailure) && kernel.nowMs - diedAtMs < 10 * detectionTimeMs) daemon.advance(LOOK_MS);
  const foundAfterMs = said.some(isFailure) ? kernel.nowMs - diedAtMs : undefined;
  return { failures: lines.filter(isFailure), told, detectionTimeMs, foundAfterMs };
}

/** What no limit may bring about, or no more than once. */
export function unexpected(
  { groupFailsOnce = false }: LimitedLife,
  failures: readonly Message["id"][],
): readonly Message["id"][] {
  return groupFailsOnce && failures[0] === "group-failed" ? failures.slice(1) : failures;
}

const PAIR = "g: eth0/192.0.2.20/24 eth1/192.0.2.21/24; 192.0.2.10/24; targets 192.0.2.1";
const TRIO = "g: eth0/192.0.2.20/24 eth1/192.0.2.21/24 eth2/192.0.2.22/24; 192.0.2.10/24; targets 192.0.2.1";
const PAIR6 = "g: eth0/fe80::20/64 eth1/fe80::21/64; 2001:db8::10/64; targets fe80::1";
const TWO_NICS = ["eth0", "eth1"];
const OTHERS = ["192.0.2.2", "192.0.2.3", "192.0.2.4"];

/** Bursts of five are what Linux's own filters allow by default. */
function limit(limitPerSecond: number, burst = 5): LimitedLife["hosts"][string] {
  return { limitPerSecond, burst };
}

export const LIMITED_LIVES: Readonly<Record<string, LimitedLife>> = {
  "fifty answers a second for two members": {
    ...{ nics: TWO_NICS, configuration: `${PAIR}; fdt 100ms`, hosts: { "192.0.2.1": limit(50) } },
  },
  "fifty after a burst of fifty": {
    ...{ nics: TWO_NICS, configuration: `${PAIR}; fdt 100ms`, hosts: { "192.0.2.1": limit(50, 50) } },
  },
  "fifty for one member": {
    nics: ["eth0"],
    configuration: "g: eth0/192.0.2.20/24; 192.0.2.10/24; targets 192.0.2.1; fdt 100ms",
    hosts: { "192.0.2.1": limit(50) },
  },
  "fifty for three members": {
    ...{ nics: [...TWO_NICS, "eth2"], configuration: `${TRIO}; fdt 100ms`, hosts: { "192.0.2.1": limit(50) } },
  },
  "fifty by IPv6": { nics: TWO_NICS, configuration: `${PAIR6}; fdt 100ms`, hosts: { "fe80::1": limit(50) } },
  "twenty for three members": {
    ...{ nics: [...TWO_NICS, "eth2"], configuration: `${TRIO}; fdt 100ms`, hosts: { "192.0.2.1": limit(20) } },
  },
  "ten for two members": {
    ...{ nics: TWO_NICS, configuration: `${PAIR}; fdt 100ms`, hosts: { "192.0.2.1": limit(10) } },
  },
  "ten for three members": {
    ...{ nics: [...TWO_NICS, "eth2"], configuration: `${TRIO}; fdt 100ms`, hosts: { "192.0.2.1": limit(10) } },
  },
  "ten by IPv6": { nics: TWO_NICS, configuration: `${PAIR6}; fdt 100ms`, hosts: { "fe80::1": limit(10) } },
  "ten of each of two targets": {
    nics: TWO_NICS,
    configuration: `${PAIR} 192.0.2.2; fdt 100ms`,
    hosts: { "192.0.2.1": limit(10), "192.0.2.2": limit(10) },
  },
  "five for two members": {
    ...{ nics: TWO_NICS, configuration: `${PAIR}; fdt 100ms`, hosts: { "192.0.2.1": limit(5) }, groupFailsOnce: true },
  },
  "one for two members": {
    ...{ nics: TWO_NICS, configuration: `${PAIR}; fdt 100ms`, hosts: { "192.0.2.1": limit(1) }, groupFailsOnce: true },
  },
  "one a second at a detection time of ten seconds": {
    ...{ nics: TWO_NICS, configuration: PAIR, hosts: { "192.0.2.1": limit(1) } },
  },
  "ten a second of one target of four": {
    nics: TWO_NICS,
    configuration: `${PAIR} ${OTHERS.join(" ")}; fdt 100ms`,
    hosts: { "192.0.2.1": limit(10), ...Object.fromEntries(OTHERS.map((address) => [address, {}])) },
  },
  "three of ten lost, as by radio": {
    ...{ nics: TWO_NICS, configuration: `${PAIR}; fdt 100ms`, hosts: { "192.0.2.1": { loss: 0.3 } } },
  },
};
