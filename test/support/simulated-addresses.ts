/** Addresses on the devices of the simulated kernel. */
import type { Family } from "../../src/core/configuration.ts";
import type { InterfaceAddress, KernelNotice, KernelOutcome } from "../../src/core/kernel-state/kernel-objects.ts";
import { DONE, refused } from "./simulated-outcomes.ts";

export interface AddressSurroundings {
  notify(notice: KernelNotice): void;
  violation(text: string): void;
  /** An address that was not there has come to a device. */
  came(address: InterfaceAddress): void;
  /** An address has left a device. */
  left(address: InterfaceAddress): void;
}

export class SimulatedAddresses {
  private held: InterfaceAddress[] = [];
  private readonly surroundings: AddressSurroundings;

  constructor(surroundings: AddressSurroundings) {
    this.surroundings = surroundings;
  }

  get all(): readonly InterfaceAddress[] {
    return this.held;
  }

  on(index: number): readonly InterfaceAddress[] {
    return this.held.filter((address) => address.index === index);
  }

  holds(family: Family, address: string): boolean {
    return this.held.some((held) => held.family === family && held.address === address && !held.tentative);
  }

  /** Creates, or replaces (NLM_F_REPLACE); else refuses where it is there, known or not. IPv6 knows an address once per device, whatever its prefix length. */
  set(address: InterfaceAddress, replace = true): KernelOutcome {
    const position = this.held.findIndex((held) => isSame(held, address));
    const present = this.held[position];
    if (present !== undefined && !replace) return refused("EEXIST", "Address already assigned.");
    if (present === undefined) {
      this.held.push(address);
      this.surroundings.came(address);
    } else {
      if (present.protocol !== address.protocol)
        this.surroundings.violation(`address ${address.address} of a stranger`);
      // A change of the prefix length is not carried out.
      this.held[position] = { ...address, prefixLength: present.prefixLength };
    }
    this.surroundings.notify({ kind: "address", address });
    return DONE;
  }

  /** Adds without a notice: link-local addresses are reported only when duplicate address detection is done. */
  setQuietly(address: InterfaceAddress): void {
    this.held.push(address);
  }

  remove(
    asked: Pick<InterfaceAddress, "index" | "family" | "address" | "prefixLength">,
    protocol: number,
  ): KernelOutcome {
    const present = this.held.find(
      (held) => isSame(held, asked) && held.prefixLength === asked.prefixLength && held.family === asked.family,
    );
    if (present === undefined) return refused("EADDRNOTAVAIL", "Address not found.");
    if (present.protocol !== protocol) this.surroundings.violation(`address ${asked.address} of a stranger`);
    this.drop(present);
    return DONE;
  }

  /** The device goes down (IPv6 only) or away (both). */
  flush(index: number, families: readonly Family[]): void {
    for (const address of this.on(index)) if (families.includes(address.family)) this.drop(address);
  }

  private drop(address: InterfaceAddress): void {
    this.held = this.held.filter((held) => held !== address);
    if (!address.tentative) this.surroundings.notify({ kind: "address-removed", address });
    this.surroundings.left(address);
  }
}

function isSame(
  held: InterfaceAddress,
  asked: Pick<InterfaceAddress, "index" | "family" | "address" | "prefixLength">,
): boolean {
  if (held.index !== asked.index || held.family !== asked.family || held.address !== asked.address) return false;
  return held.family === 6 || held.prefixLength === asked.prefixLength;
}
