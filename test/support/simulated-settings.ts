/** /proc/sys/net of the simulated kernel, together with the adapter's memory of first old values. */
import type { KernelOutcome } from "../../src/core/kernel-objects.ts";
import { DONE, refused } from "./simulated-outcomes.ts";

const LINK_DEFAULTS: Readonly<Record<string, string>> = {
  "ipv4.arp_ignore": "0",
  "ipv4.arp_announce": "0",
  "ipv4.rp_filter": "0",
  "ipv6.accept_ra": "1",
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
  /** Kept by the adapter on disk: survives the daemon, not the device. */
  private readonly kept = new Map<number, Record<string, string>>();

  constructor() {
    this.values.set(NAMESPACE_INDEX, { ...NAMESPACE_DEFAULTS });
  }

  addLink(index: number): void {
    this.values.set(index, { ...LINK_DEFAULTS });
  }

  removeLink(index: number): void {
    this.values.delete(index);
    this.kept.delete(index);
  }

  of(index: number): Readonly<Record<string, string>> {
    return this.values.get(index) ?? {};
  }

  set(index: number | undefined, key: string, value: string): KernelOutcome {
    const values = index === undefined ? undefined : this.values.get(index);
    if (index === undefined || values?.[key] === undefined) return refused("ENOENT");
    const kept = this.kept.get(index) ?? {};
    kept[key] ??= values[key];
    this.kept.set(index, kept);
    values[key] = value;
    return DONE;
  }

  restoreAll(): KernelOutcome {
    for (const index of [...this.kept.keys()]) this.restore(index);
    return DONE;
  }

  /** Nothing kept is nothing to do; a link that has gone took its values with it. */
  restore(index: number | undefined): KernelOutcome {
    if (index !== undefined) {
      Object.assign(this.values.get(index) ?? {}, this.kept.get(index));
      this.kept.delete(index);
    }
    return DONE;
  }

  /** Is every value what a link or the namespace starts with? */
  isPristine(index: number): boolean {
    const defaults = index === NAMESPACE_INDEX ? NAMESPACE_DEFAULTS : LINK_DEFAULTS;
    return Object.entries(defaults).every(([key, value]) => this.of(index)[key] === value);
  }
}
