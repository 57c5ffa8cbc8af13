/**
 * A machine under load: 64 groups of 4 probed members, and the facts of a busy host, one a step, in simulated time. 98 % of them are
 * answers to probes, 1 % losses, 1 % strangers' notices; in each 100,000 a cable is pulled and comes back, with all that follows;
 * timers and full scans come as they are due. What the simulated kernel does in between is not measured.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { StepResult } from "../../src/core/actions.ts";
import type { MachineEvent } from "../../src/core/events.ts";
import type { InterfaceAddress } from "../../src/core/kernel-state/kernel-objects.ts";
import { Machine } from "../../src/core/machine.ts";
import type { ProbeResult } from "../../src/core/probing/results.ts";
import { parseConfiguration } from "../support/simulated-configuration.ts";
import { SimulatedDaemon } from "../support/simulated-daemon.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import type { Measured } from "./experiment.ts";

const GROUPS = 64;
const MEMBERS = 4;
const NICS = GROUPS * MEMBERS;
/** The least failure detection time: each member has a result every 1.43 ms, all together 179,200 a second. */
const DETECTION_TIME_MS = 10;
const ROUND_MS = DETECTION_TIME_MS / 7;

/** One in so many results is a loss, and one in so many events somebody else's address. */
const LOSS_EVERY = 100;
const STRANGER_EVERY = 100;
/** One in so many events is a cable that is pulled; it is back after so many rounds. */
const PULL_EVERY = 100_000;
const PULLED_ROUNDS = 20;
/** Ten good probes, and some that are lost. */
const ROUNDS_TO_REPAIR = 30;

const MILLION = 1_000_000;
const MIB = 2 ** 20;

/** Speed in each million of facts, and by how much the heap has grown from the end of the first to that of the last. */
export function machineSpeed(millions: number): Measured {
  const load = new MachineLoad();
  const rate: number[] = [];
  const heapMiB: number[] = [];
  for (let million = 0; million < millions; million++) {
    const { events, spentMs } = load;
    load.run(MILLION);
    rate.push(((load.events - events) / (load.spentMs - spentMs)) * 1000);
    heapMiB.push(liveHeapMiB());
  }
  return { series: { rate, growth: [(heapMiB.at(-1) ?? 0) - (heapMiB[0] ?? 0)] } };
}

/** What is left after a collection. */
function liveHeapMiB(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed / MIB;
}

/** Times what the machine needs while others work as well. */
class TimedMachine extends Machine {
  spentMs = 0;

  override step(event: MachineEvent, now: number): StepResult {
    const startedAt = performance.now();
    const result = super.step(event, now);
    this.spentMs += performance.now() - startedAt;
    return result;
  }
}

/** The machine did not keep up with what happened: its speed would mean nothing. */
class LoadError extends Error {}

export class MachineLoad {
  /** Facts that the machine has taken. */
  events = 0;
  private readonly kernel = new SimulatedKernel();
  private readonly machine = new TimedMachine();
  private readonly daemon: SimulatedDaemon;
  private readonly indexes: readonly number[];
  private readonly sequences = new Array<number>(NICS).fill(0);
  private pulled: { readonly name: string; readonly untilRound: number } | undefined;
  private round = 0;
  private pulls = 0;
  private hasDeeds = false;

  constructor() {
    const observer = {
      event: () => {
        this.events++;
      },
      action: () => {
        this.hasDeeds = true;
      },
    };
    this.daemon = new SimulatedDaemon(this.kernel, observer, { makeMachine: () => this.machine });
    for (let nic = 0; nic < NICS; nic++) this.kernel.plugIn(nameOf(nic));
    this.indexes = Array.from({ length: NICS }, (_, nic) => this.kernel.link(nameOf(nic))?.index ?? 0);
    this.daemon.configure(parseConfiguration(Array.from({ length: GROUPS }, (_, group) => groupLine(group))));
    this.daemon.settle();
  }

  /** The machine's own time for all of them (ms). */
  get spentMs(): number {
    return this.machine.spentMs;
  }

  /** Feeds at least so many more facts. @throws {LoadError} where the groups are not what they must be after them */
  run(events: number): void {
    const end = this.events + events;
    while (this.events < end || this.pulled !== undefined) this.runRound();
    for (let rest = 0; rest < ROUNDS_TO_REPAIR; rest++) this.runRound();
    const bad = this.daemon
      .snapshot()
      .groups.filter(({ state, active }) => state !== "ok" || active.length !== MEMBERS - 1);
    if (bad.length > 0 || this.kernel.violations.length > 0)
      throw new LoadError(`after ${this.pulls} pulled cables ${bad.map(({ name }) => name).join()} are not as before`);
  }

  /** One result of each member, and what else falls into that time. */
  private runRound(): void {
    const now = ++this.round * ROUND_MS;
    this.kernel.advance(now);
    this.handleCables();
    if ((this.daemon.wakeAtMs ?? Number.POSITIVE_INFINITY) <= now) this.feed({ type: "timer" });
    for (let nic = 0; nic < NICS; nic++) {
      this.feed(this.events % STRANGER_EVERY === 0 ? strangersNotice(nic) : this.result(nic, now));
    }
  }

  /** With all that the machine wants done for it. */
  private feed(event: MachineEvent): void {
    this.hasDeeds = false;
    this.daemon.step(event);
    if (this.hasDeeds) this.daemon.settle();
  }

  private result(nic: number, now: number): MachineEvent {
    const sequence = (this.sequences[nic] ?? 0) + 1;
    this.sequences[nic] = sequence;
    const target = targetOf(Math.floor(nic / MEMBERS));
    const probe = { index: this.indexes[nic] ?? 0, family: 4, sequence, target, sentAt: now } as const;
    const lost = this.events % LOSS_EVERY === 1;
    const result: ProbeResult = lost
      ? { kind: "lost", ...probe }
      : { kind: "answered", ...probe, from: target, roundTripMs: 0.2, handledAt: now };
    return { type: "probe-results", results: [result] };
  }

  private handleCables(): void {
    if (this.pulled === undefined && this.events >= (this.pulls + 1) * PULL_EVERY) {
      this.pulled = { name: nameOf(this.pulls++ % NICS), untilRound: this.round + PULLED_ROUNDS };
      this.setCable(this.pulled.name, false);
    } else if (this.pulled !== undefined && this.pulled.untilRound <= this.round) {
      this.setCable(this.pulled.name, true);
      this.pulled = undefined;
    }
  }

  private setCable(name: string, cable: boolean): void {
    this.kernel.setCable(name, cable);
    this.daemon.settle();
  }
}

function nameOf(nic: number): string {
  return `eth${nic}`;
}

function targetOf(group: number): string {
  return `10.1.${group}.1`;
}

function groupLine(group: number): string {
  const members = Array.from({ length: MEMBERS }, (_, one) => {
    const standby = one === MEMBERS - 1 ? "/standby" : "";
    return `${nameOf(group * MEMBERS + one)}${standby}/10.1.${group}.${21 + one}/24`;
  });
  const clauses = [
    members.join(" "),
    `10.1.${group}.10/24 10.1.${group}.11/24`,
    `fdt ${DETECTION_TIME_MS}ms`,
    "flap off",
  ];
  return `g${group}: ${[...clauses, `targets ${targetOf(group)}`].join("; ")}`;
}

function strangersNotice(nic: number): MachineEvent {
  const address: InterfaceAddress = {
    ...{ index: 9999, family: 4, address: `203.0.113.${nic}`, prefixLength: 32, scope: "universe" },
    ...{ protocol: 0, tentative: false, deprecated: false },
  };
  return { type: "notices", notices: [{ kind: "address", address }] };
}
