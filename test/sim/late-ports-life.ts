/**
 * A host whose switch ports forward nothing for a while after their links have come up, and whose members wait for that: no data
 * address may lie behind such a port while another one forwards, and somebody carries the data as long as any link is up. With an
 * even seed neighbours are known: then nobody waits for long whose port forwards, however much longer the delay is.
 */
import { OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import { Random } from "../support/random.ts";
import { parseConfiguration } from "../support/simulated-configuration.ts";
import { type MachineLike, SimulatedDaemon } from "../support/simulated-daemon.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import { demand } from "./violated.ts";

const NICS = ["eth0", "eth1", "eth2"] as const;
const ADDRESSES = ["192.0.2.10", "192.0.2.11", "192.0.2.12"] as const;
const DELAY_MS = 30_000;
const PORT_MS = 29_000;
const EVENTS = 100;
const LOOK_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
const NEIGHBOURS = ["192.0.2.101", "192.0.2.102"] as const;
/** A neighbour is asked each half of a second; of two that answer the first one does. */
const PROOF_MS = 1_500;

/** @throws {Violated} */
export function liveWithLatePorts(seed: number, makeMachine?: () => MachineLike): void {
  new LatePorts(seed, makeMachine).live();
}

class LatePorts {
  private readonly random: Random;
  private readonly kernel = new SimulatedKernel({ kinds: ["dummy"], duplicateDetectionMs: () => 1000 });
  private readonly daemon: SimulatedDaemon;
  /** When the link of each came up. */
  private readonly upAtMs = new Map<string, number>();
  /** How long a port takes, and the delay: with neighbours the latter is a guess. */
  private readonly portMs: number;
  private readonly neighbours: readonly string[];

  constructor(seed: number, makeMachine: (() => MachineLike) | undefined) {
    this.random = new Random(seed);
    this.daemon = new SimulatedDaemon(this.kernel, {}, { uniform: () => this.random.next(), makeMachine });
    this.neighbours = seed % 2 === 0 ? NEIGHBOURS : [];
    this.portMs = this.neighbours.length > 0 ? 1_000 + this.random.below(PORT_MS - 1_000) : PORT_MS;
    for (const address of this.neighbours) this.daemon.segment.setHost(address);
  }

  live(): void {
    for (const nic of NICS) this.kernel.plugIn(nic);
    const members = NICS.map((nic) => (this.random.chance(0.2) ? `${nic}/standby` : nic)).join(" ");
    const addresses = ADDRESSES.map((address) => `${address}/24`).join(" ");
    const failback = this.random.chance(0.5) ? "yes" : "no";
    const text = `g: ${members}; ${addresses}; flap off; failback ${failback}; delay ${DELAY_MS}ms; targets ${this.neighbours.join(" ")}`;
    const configuration = parseConfiguration([text]);
    this.daemon.configure(configuration);
    this.pass(this.portMs);
    for (let event = 0; event < EVENTS; event++) {
      const nic = this.random.pick(NICS) ?? "";
      const chance = this.random.next();
      if (chance < 0.8) this.touch(nic);
      else if (chance < 0.9) this.daemon.configure(configuration);
      else this.daemon.restart();
      this.pass(this.random.below(this.random.pick([1_000, LONGEST_PAUSE_MS]) ?? 0));
    }
    for (const nic of NICS) if (!this.isLive(nic)) this.touch(nic);
    this.pass(DELAY_MS + LOOK_MS);
    demand(this.waiting().length === 0, () => `${this.waiting().join(" ")} still wait`);
  }

  /** Out or in, the cable or the whole card; or out and in at once. */
  private touch(nic: string): void {
    const wasLive = this.isLive(nic);
    const isCard = this.kernel.link(nic) === undefined || (wasLive && this.random.chance(0.2));
    if (wasLive && isCard) this.kernel.unplug(nic);
    else if (wasLive) this.kernel.setCable(nic, false);
    if (wasLive && this.random.chance(0.7)) return;
    if (isCard) this.kernel.plugIn(nic);
    else this.kernel.setCable(nic, true);
    this.upAtMs.set(nic, this.kernel.nowMs);
  }

  private pass(milliseconds: number): void {
    const end = this.kernel.nowMs + milliseconds;
    do {
      this.openPorts();
      this.daemon.advance(Math.min(LOOK_MS, end - this.kernel.nowMs));
      this.check();
    } while (this.kernel.nowMs < end);
  }

  private check(): void {
    const live = NICS.filter((nic) => this.isLive(nic));
    const open = live.filter((nic) => this.openMs(nic) >= 0);
    for (const address of ADDRESSES) {
      const hosts = this.hostsOf(address);
      const text = () => `at ${this.kernel.nowMs} ${address} is on ${hosts.join(" ") || "nobody"}, `;
      demand(live.length === 0 || hosts.length > 0, () => `${text()}up are ${live.join(" ")}`);
      const isDeaf = hosts.some((name) => !open.some((one) => one === name));
      demand(open.length === 0 || !isDeaf, () => `${text()}and these forward: ${open.join(" ")}`);
    }
    const late = this.neighbours.length === 0 ? [] : this.waiting().filter((nic) => this.openMs(nic) > PROOF_MS);
    demand(late.length === 0, () => `at ${this.kernel.nowMs} these wait though they forward: ${late.join(" ")}`);
  }

  /** For so long its port has been forwarding; less than 0: it does not yet. */
  private openMs(nic: string): number {
    return this.kernel.nowMs - (this.upAtMs.get(nic) ?? -this.portMs) - this.portMs;
  }

  private openPorts(): void {
    for (const nic of NICS) {
      const link = this.kernel.link(nic);
      if (link !== undefined) this.daemon.segment.setPath(link.index, this.openMs(nic) >= 0 ? "alive" : "dead");
    }
  }

  private isLive(nic: string): boolean {
    return this.kernel.link(nic)?.running === true;
  }

  private hostsOf(address: string): string[] {
    const copies = this.kernel.addresses.all.filter((one) => one.address === address && one.protocol === OUR_PROTOCOL);
    return copies.map(({ index }) => this.kernel.nameOf(index)).filter((name) => NICS.some((nic) => nic === name));
  }

  private waiting(): string[] {
    const { interfaces } = this.daemon.snapshot();
    return interfaces.filter(({ reason }) => reason === "link-up-delay").map(({ name }) => name);
  }
}
