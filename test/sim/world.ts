/** One simulated host with a daemon on it, strangers' objects, and everything that the checkers need to know. */
import type { Action } from "../../src/core/actions.ts";
import type { Configuration, GroupConfiguration, MemberConfiguration } from "../../src/core/configuration.ts";
import { OUR_NEXT_HOP_IDS } from "../../src/core/kernel-state/kernel-objects.ts";
import { describeAction } from "../scenario/describe.ts";
import { Random } from "../support/random.ts";
import { type MachineLike, SimulatedDaemon } from "../support/simulated-daemon.ts";
import { LOOPBACK_INDEX } from "../support/simulated-devices.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import { NIC_NAMES, populate, randomConfiguration } from "./configurations.ts";
import { Journal } from "./journal.ts";
import { type Expectation, Truth } from "./truth.ts";

const STRANGERS_PROTOCOL = 4;

export class World {
  readonly random: Random;
  readonly kernel: SimulatedKernel;
  readonly daemon: SimulatedDaemon;
  /** What is true, whatever the machine believes. */
  readonly truth: Truth;
  /** What the machine said of its members. */
  readonly journal: Journal;
  configuration: Configuration;
  /** What an administrator asked for and has not been told yet: id and interface. */
  readonly asked = new Map<number, { readonly op: "offline" | "online"; readonly name: string }>();
  /** The daemon died over these: they may have been carried out, or not. */
  private readonly unanswered: string[] = [];
  /** How often the daemon has died. */
  deaths = 0;
  /** Data addresses that were in place once and must stay so. */
  readonly settled = new Set<string>();
  /** A stranger took away what anchored these: they are settled again only after the next calm. */
  readonly shaken = new Set<string>();
  /** Notices went missing and nobody said so: only the machine's own periodic look can heal that. */
  lostSilently = false;
  /** Has anybody ever answered late? */
  hadSlowTargets = false;
  /** Since when the loop has had no time for probe results, while it has none. */
  heldSinceMs = 0;
  /** Text of everything that happened, where the run is traced. */
  readonly trace: string[] | undefined;

  constructor(seed: number, traced: boolean, makeMachine?: () => MachineLike) {
    this.random = new Random(seed);
    this.trace = traced ? [] : undefined;
    const kinds = this.random.chance(0.85) ? ["ifb"] : [];
    this.kernel = new SimulatedKernel({ kinds, duplicateDetectionMs: () => 500 + this.random.below(1000) });
    this.kernel.hasIpv6 = this.random.chance(0.95);
    this.daemon = new SimulatedDaemon(this.kernel, this.observer(traced), {
      makeMachine,
      uniform: () => this.random.next(),
    });
    populate(this.daemon.segment);
    this.truth = new Truth(this.kernel, this.daemon.segment);
    this.journal = new Journal(this);
    for (const name of NIC_NAMES) if (this.random.chance(0.9)) this.kernel.plugIn(name);
    this.addStrangersObjects();
    this.configuration = randomConfiguration(this.random);
    this.note(() => `configure ${JSON.stringify(this.configuration)}`);
  }

  /** A stranger deleted an anchor of these addresses. */
  shake(addresses: readonly string[]): void {
    for (const address of addresses) {
      this.settled.delete(address);
      this.shaken.add(address);
    }
  }

  /**
   * What state this member has to come to. Of two with one hardware address it is the machine that chooses; and where it had failed when a
   * daemon died, the next one leaves it so until its probes are answered, for which it must know somebody to ask.
   */
  expected(group: GroupConfiguration, member: MemberConfiguration): Expectation {
    if (this.isDuplicate(member.name)) return "offline";
    const expected = this.truth.expected(group, member);
    const mayLackTargets = this.deaths > 0 && this.truth.lacksTargets(group, member);
    return expected === "functioning" && mayLackTargets ? "either" : expected;
  }

  /** Is there a member of which nobody can tell whether it will be found out to have failed? */
  hasUndecided(): boolean {
    return this.configuration.groups.some((group) =>
      group.members.some((member) => this.expected(group, member) === "either"),
    );
  }

  /** Is it said to be out of service for its hardware address? */
  isDuplicate(name: string): boolean {
    return this.daemon.snapshot().interfaces.some((row) => row.name === name && row.flags.duplicate);
  }

  /**
   * The administrator of the configuration wants another one. Members that have left their group are nobody's affair any more; those
   * in another one start anew, and it is the machine that says how. Everything may look different for a while.
   */
  replaceConfiguration(configuration: Configuration): void {
    const before = groupOfEach(this.configuration);
    const after = groupOfEach(configuration);
    this.configuration = configuration;
    for (const name of this.truth.offline) {
      if (after.get(name) === before.get(name)) continue;
      this.truth.offline.delete(name);
      this.leaveUnanswered(name);
    }
    this.truth.touchAll();
    this.journal.forget();
  }

  note(text: () => string): void {
    this.trace?.push(`[${this.kernel.nowMs}] ${text()}`);
  }

  /** What strangers own, as text: must be the same at the end. They live on the loopback, which nothing happens to. */
  strangersObjects(): string {
    const { addresses, routing } = this.kernel;
    return JSON.stringify([
      addresses.on(LOOPBACK_INDEX),
      [...routing.nextHops.values()].filter((nextHop) => nextHop.protocol === STRANGERS_PROTOCOL),
      routing.routes.filter((route) => route.protocol === STRANGERS_PROTOCOL),
    ]);
  }

  private addStrangersObjects(): void {
    const { addresses, routing } = this.kernel;
    addresses.set({
      ...{ index: LOOPBACK_INDEX, family: 4, address: "127.0.0.1", prefixLength: 8, scope: "host" },
      ...{ protocol: 0, tentative: false, deprecated: false },
    });
    // Inside our range, as another program's id may well be.
    const id = OUR_NEXT_HOP_IDS.first + this.random.below(6);
    routing.setNextHop({ id, family: 4, index: LOOPBACK_INDEX, protocol: STRANGERS_PROTOCOL, gateway: "", group: [] });
    routing.setRoute(
      {
        ...{ family: 4, destination: "203.0.113.0/24", table: 254, metric: 0, type: "unicast", scope: "link" },
        ...{ protocol: STRANGERS_PROTOCOL, nextHopId: id, index: 0, source: "" },
      },
      false,
    );
  }

  private observer(traced: boolean): ConstructorParameters<typeof SimulatedDaemon>[1] {
    const watcher = {
      action: (action: Action) => this.journal.enter(action),
      killed: () => this.daemonDied(),
    };
    if (!traced) return watcher;
    return {
      event: (event) => this.note(() => `  <- ${JSON.stringify(event).slice(0, 900)}`),
      action: (action, outcomes) => {
        for (const line of describeAction(this.kernel, action, outcomes, this.daemon.prober.plans))
          this.note(() => `  -> ${line}`);
        watcher.action(action);
      },
      killed: () => {
        this.note(() => "  daemon killed");
        watcher.killed();
      },
    };
  }

  /** Nobody will ever know whether the last wish about this interface was carried out. */
  leaveUnanswered(name: string): void {
    this.unanswered.push(name);
  }

  /** What the machine says decides where an administrator has never been answered. */
  settleUnanswered(): void {
    for (const name of this.unanswered.splice(0)) {
      const row = this.daemon.snapshot().interfaces.find((candidate) => candidate.name === name);
      if (row?.state === "offline" && !row.flags.duplicate) this.truth.offline.add(name);
      else this.truth.offline.delete(name);
    }
  }

  /** Who waits for an answer gets none, and what was about to be kept may be lost. */
  private daemonDied(): void {
    this.deaths++;
    for (const { name } of this.asked.values()) this.leaveUnanswered(name);
    this.asked.clear();
    this.journal.forget();
  }
}

function groupOfEach({ groups }: Configuration): Map<string, string> {
  return new Map(groups.flatMap((group) => group.members.map((member) => [member.name, group.name] as const)));
}
