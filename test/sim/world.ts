/** One simulated host with a daemon on it, strangers' objects, and everything that the checkers need to know. */
import type { Configuration } from "../../src/core/configuration.ts";
import { OUR_NEXT_HOP_IDS } from "../../src/core/kernel-state/kernel-objects.ts";
import { describeAction } from "../scenario/describe.ts";
import { Random } from "../support/random.ts";
import { type MachineLike, SimulatedDaemon } from "../support/simulated-daemon.ts";
import { LOOPBACK_INDEX } from "../support/simulated-devices.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";
import { NIC_NAMES, randomConfiguration } from "./configurations.ts";

const STRANGERS_PROTOCOL = 4;

export class World {
  readonly random: Random;
  readonly kernel: SimulatedKernel;
  readonly daemon: SimulatedDaemon;
  configuration: Configuration;
  /** Data addresses that were in place once and must stay so. */
  readonly settled = new Set<string>();
  /** A stranger took away what anchored these: they are settled again only after the next calm. */
  readonly shaken = new Set<string>();
  /** Notices went missing and nobody said so: only the machine's own periodic look can heal that. */
  lostSilently = false;
  /** Text of everything that happened, where the run is traced. */
  readonly trace: string[] | undefined;

  constructor(seed: number, traced: boolean, makeMachine?: () => MachineLike) {
    this.random = new Random(seed);
    this.trace = traced ? [] : undefined;
    const kinds = this.random.chance(0.85) ? ["ifb"] : [];
    this.kernel = new SimulatedKernel({ kinds, duplicateDetectionMs: () => 500 + this.random.below(1000) });
    this.daemon = new SimulatedDaemon(this.kernel, traced ? this.observer() : {}, {
      makeMachine,
      uniform: () => this.random.next(),
    });
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
    routing.setNextHop({ id, index: LOOPBACK_INDEX, protocol: STRANGERS_PROTOCOL, gateway: "", group: [] });
    routing.setRoute(
      {
        ...{ family: 4, destination: "203.0.113.0/24", table: 254, metric: 0, type: "unicast", scope: "link" },
        ...{ protocol: STRANGERS_PROTOCOL, nextHopId: id, index: 0, source: "" },
      },
      false,
    );
  }

  private observer(): ConstructorParameters<typeof SimulatedDaemon>[1] {
    return {
      event: (event) => this.note(() => `  <- ${JSON.stringify(event).slice(0, 900)}`),
      action: (action, outcomes) => {
        for (const line of describeAction(this.kernel, action, outcomes, this.daemon.prober.plans))
          this.note(() => `  -> ${line}`);
      },
      killed: () => this.note(() => "  daemon killed"),
    };
  }
}
