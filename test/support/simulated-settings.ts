/** /proc/sys/net of the simulated kernel, together with the adapter's memory of first old values. */
import type { KeptSettings, KernelOutcome } from "../../src/core/kernel-state/kernel-objects.ts";
import { DONE, refused } from "./simulated-outcomes.ts";

const LINK_DEFAULTS: Readonly<Record<string, string>> = {
  "ipv4.arp_filter": "0",
  "ipv4.arp_ignore": "0",
  "ipv4.arp_announce": "0",
  "ipv4.rp_filter": "0",
  "ipv6.accept_ra": "1",
  "ipv6.disable_ipv6": "0",
  "ipv6.dad_transmits": "1",
  "ipv6.router_solicitation_delay": "1",
  "ipv6.neigh.retrans_time_ms": "1000",
};

const NAMESPACE_DEFAULTS: Readonly<Record<string, string>> = {
  "ipv4.nexthop_compat_mode": "1",
  "ipv4.fib_multipath_hash_policy": "0",
  "ipv6.fib_multipath_hash_policy": "0",
};

/** Stands for the whole namespace where a link's index is asked for. */
export const NAMESPACE_INDEX = 0;

export class SimulatedSettings {
  private readonly values = new Map<number, Record<string, string>>();
  /** Kept by the adapter on disk, by index: survives the daemon and the device. */
  private readonly keptByIndex = new Map<number, Record<string, string>>();

  constructor() {
    this.values.set(NAMESPACE_INDEX, { ...NAMESPACE_DEFAULTS });
  }

  addLink(index: number): void {
    this.values.set(index, { ...LINK_DEFAULTS });
  }

  removeLink(index: number): void {
    this.values.delete(index);
  }

  of(index: number): Readonly<Record<string, string>> {
    return this.values.get(index) ?? {};
  }

  set(index: number, key: string, value: string): KernelOutcome {
    const values = this.values.get(index);
    if (values?.[key] === undefined) return refused("ENOENT");
    this.keptByIndex.set(index, { [key]: values[key], ...this.keptByIndex.get(index) });
    this.write(index, key, value);
    return DONE;
  }

  /** A write by somebody else than the adapter, which keeps nothing. */
  write(index: number, key: string, value: string): void {
    this.values.set(index, { ...this.values.get(index), [key]: value });
  }

  kept(): KeptSettings[] {
    return [...this.keptByIndex].map(([index, values]) => ({ index, keys: Object.keys(values) }));
  }

  /** Nothing kept is nothing to do; a link that has gone took its values with it. */
  restore(index: number, keys: readonly string[]): KernelOutcome {
    const kept = this.keptByIndex.get(index) ?? {};
    const values = this.values.get(index);
    for (const key of keys) {
      if (values !== undefined && kept[key] !== undefined) values[key] = kept[key];
      delete kept[key];
    }
    if (Object.keys(kept).length === 0) this.keptByIndex.delete(index);
    return DONE;
  }

  /** Is every value what a link or the namespace starts with, but for what an administrator changes? */
  isPristine(index: number): boolean {
    const { "ipv6.dad_transmits": _, ...ofLinks } = LINK_DEFAULTS;
    return Object.entries(index === NAMESPACE_INDEX ? NAMESPACE_DEFAULTS : ofLinks).every(
      ([key, value]) => this.of(index)[key] === value,
    );
  }
}
