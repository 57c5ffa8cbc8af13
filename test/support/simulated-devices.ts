/** The devices of the simulated kernel: indexes that are never used twice, names, carrier. */
import type { Link } from "../../src/core/kernel-state/kernel-objects.ts";

export interface Device extends Link {
  /** Is the cable in? Carrier needs the device to be up as well. */
  cable: boolean;
  name: string;
  hardwareAddress: string;
  adminUp: boolean;
  carrier: boolean;
  /** The port lets nobody in yet (802.1X): there is a carrier, and the link does not run. */
  dormant: boolean;
  running: boolean;
  carrierReported: boolean;
  carrierLosses: number;
  multicast: boolean;
  pointToPoint: boolean;
  noArp: boolean;
  master: number;
  lower: number;
  mtu: number;
}

/** What can change about a device without its carrier. */
export type ChangeableTrait =
  | "name"
  | "hardwareAddress"
  | "carrierReported"
  | "multicast"
  | "pointToPoint"
  | "noArp"
  | "master"
  | "lower"
  | "kind"
  | "mtu";

export const LOOPBACK_INDEX = 1;

export class SimulatedDevices {
  private readonly byIndex = new Map<number, Device>();
  private nextIndex = LOOPBACK_INDEX;

  /** As they are now, and change later: who keeps one takes a copy by `toLink`. */
  get links(): readonly Device[] {
    return [...this.byIndex.values()];
  }

  get(index: number): Device | undefined {
    return this.byIndex.get(index);
  }

  /** @throws {Error} for a name that no device has: a mistake of the test. */
  named(name: string): Device {
    const device = [...this.byIndex.values()].find((candidate) => candidate.name === name);
    if (device === undefined) throw new Error(`no device ${name} in the simulated kernel`);
    return device;
  }

  /** A device that is up, with its cable in and a link-layer address that no other ever had (the loopback has none). */
  add(name: string, kind: string, alias: string): Device {
    const index = this.nextIndex++;
    const hardwareAddress = index === LOOPBACK_INDEX ? "" : hardwareAddressOf(index);
    const device = {
      index,
      name,
      kind,
      alias,
      hardwareAddress,
      adminUp: true,
      carrier: true,
      dormant: false,
      running: true,
      cable: true,
      carrierReported: true,
      carrierLosses: 0,
      multicast: index !== LOOPBACK_INDEX,
      pointToPoint: false,
      loopback: index === LOOPBACK_INDEX,
      noArp: false,
      mtu: 1500,
      master: 0,
      lower: 0,
    };
    this.byIndex.set(index, device);
    return device;
  }

  remove(index: number): void {
    this.byIndex.delete(index);
  }
}

/** The link-layer address that a device is made with. */
export function hardwareAddressOf(index: number): string {
  const bytes = [(index >> 8) & 0xff, index & 0xff].map((byte) => byte.toString(16).padStart(2, "0"));
  return `02:00:00:00:${bytes.join(":")}`;
}

/** What rtnetlink tells of a device, as it is now. */
export function toLink({ cable: _, dormant: __, ...link }: Device): Link {
  return link;
}

/** Works out what follows from the cable, the administrator's will, and the port. Returns whether the carrier is another one. */
export function renewCarrier(device: Device): boolean {
  const before = device.carrier;
  device.carrier = hasCarrier(device);
  device.running = device.carrier && !device.dormant;
  if (before && !device.carrier) device.carrierLosses++;
  return device.carrier !== before;
}

/** A driver that does not report its carrier has it whenever the device is up. */
export function hasCarrier({ adminUp, cable, carrierReported }: Device): boolean {
  return adminUp && (cable || !carrierReported);
}
