/**
 * IPv6 link-local addresses: one appears on a device that is set up, unreported and tentative, and is reported when
 * duplicate address detection is done: after a second at random, and one for each probe.
 */
import type { InterfaceAddress } from "../../src/core/kernel-state/kernel-objects.ts";
import type { SimulatedAddresses } from "./simulated-addresses.ts";

interface Detection {
  readonly index: number;
  readonly doneAtMs: number;
}

export class SimulatedLinkLocals {
  private detections: readonly Detection[] = [];
  private readonly addresses: SimulatedAddresses;

  constructor(addresses: SimulatedAddresses) {
    this.addresses = addresses;
  }

  /** When the next detection is done, or undefined. */
  get nextAtMs(): number | undefined {
    return this.detections.length === 0 ? undefined : Math.min(...this.detections.map((entry) => entry.doneAtMs));
  }

  /** The device was set up; one that has its address already (a carrier that came back) keeps it. */
  start(index: number, doneAtMs: number): void {
    if (this.addresses.on(index).some((address) => address.scope === "link" && address.protocol === 0)) return;
    this.detections = [...this.detections.filter((entry) => entry.index !== index), { index, doneAtMs }];
    this.addresses.setQuietly(linkLocalOf(index));
  }

  advance(nowMs: number): void {
    const due = this.detections.filter((entry) => entry.doneAtMs <= nowMs);
    this.detections = this.detections.filter((entry) => entry.doneAtMs > nowMs);
    for (const { index } of due) {
      const tentative = this.addresses.on(index).find((address) => address.tentative);
      if (tentative !== undefined) this.addresses.set({ ...tentative, tentative: false });
    }
  }
}

function linkLocalOf(index: number): InterfaceAddress {
  return {
    index,
    family: 6,
    address: `fe80::${index.toString(16)}`,
    prefixLength: 64,
    scope: "link",
    protocol: 0,
    tentative: true,
    deprecated: false,
  };
}
