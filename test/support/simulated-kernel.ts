/**
 * A deterministic model of Linux as far as the machine can see it. Time passes only by `advance`; every change, ours
 * or a stranger's, queues its notice in the kernel's order. Where the model copies a surprise of Linux, it says so.
 */
import type { FailoverPlan } from "../../src/core/actions.ts";
import type {
  Announcement,
  InterfaceAddress,
  KernelNotice,
  KernelOutcome,
  KernelPicture,
  KernelRequest,
  Link,
} from "../../src/core/kernel-objects.ts";
import { OUR_LINK_ALIAS, OUR_PROTOCOL } from "../../src/core/kernel-objects.ts";
import { SimulatedAddresses } from "./simulated-addresses.ts";
import { DONE, type ErrnoName, refused } from "./simulated-outcomes.ts";
import { SimulatedPeer } from "./simulated-peer.ts";
import { SimulatedRouting } from "./simulated-routing.ts";
import { NAMESPACE_INDEX, SimulatedSettings } from "./simulated-settings.ts";

export interface KernelOptions {
  /** Device kinds that `create-link` finds. */
  readonly kinds: readonly string[];
  /** How long duplicate address detection of the next link-local address takes. */
  readonly duplicateDetectionMs: () => number;
}

interface Device extends Link {
  /** Is the cable in? Carrier needs the device to be up as well. */
  cable: boolean;
}

interface Detection {
  readonly index: number;
  readonly doneAtMs: number;
}

export const LOOPBACK_INDEX = 1;

export class SimulatedKernel {
  readonly addresses: SimulatedAddresses;
  readonly routing: SimulatedRouting;
  readonly settings = new SimulatedSettings();
  readonly peer: SimulatedPeer;
  /** Requests that changed what belongs to somebody else; must stay empty. */
  readonly violations: string[] = [];
  /** Lets a test refuse a request with an errno instead of carrying it out. */
  refuse: (request: KernelRequest) => ErrnoName | undefined = () => undefined;
  /** Called between any two requests: what others could see at that moment. */
  afterRequest: () => void = () => undefined;
  nowMs = 0;
  private readonly devices = new Map<number, Device>();
  private nextIndex = LOOPBACK_INDEX;
  private notices: KernelNotice[] = [];
  private detections: Detection[] = [];
  private plans: readonly FailoverPlan[] = [];
  private watched: readonly number[] = [];
  private readonly options: KernelOptions;

  constructor(options: KernelOptions = { kinds: ["ifb"], duplicateDetectionMs: () => 1000 }) {
    this.options = options;
    const notify = (notice: KernelNotice) => this.notices.push(notice);
    const violation = (text: string) => this.violations.push(text);
    this.routing = new SimulatedRouting({
      notify,
      violation,
      refusesNextHop: (index) => this.refusesNextHop(index),
      onDevice: (family, address) => this.addresses.holds(family, address),
    });
    this.addresses = new SimulatedAddresses({
      notify,
      violation,
      left: (address) => this.routing.flushSource(address),
    });
    this.peer = new SimulatedPeer(this.wire());
    this.addDevice("lo", { kind: "", alias: "", adminUp: true, hardwareAddress: "" });
    this.takeNotices();
  }

  // ---- what tests look at

  get links(): readonly Link[] {
    return [...this.devices.values()].map(toLink);
  }

  link(name: string): Link | undefined {
    return this.links.find((link) => link.name === name);
  }

  nameOf(index: number): string {
    return this.devices.get(index)?.name ?? `(${index})`;
  }

  /** Is there anything that makes the host accept packets for this address? */
  isHostAddress(family: 4 | 6, address: string): boolean {
    return this.addresses.holds(family, address) || this.routing.isAnchored(family, address);
  }

  /** When something next happens by itself, or undefined. */
  get nextEventAtMs(): number | undefined {
    return this.detections.length === 0 ? undefined : Math.min(...this.detections.map((entry) => entry.doneAtMs));
  }

  get pendingNotices(): number {
    return this.notices.length;
  }

  /** Up to `count` of the oldest notices, as one batch. */
  takeNotices(count = Number.POSITIVE_INFINITY): readonly KernelNotice[] {
    return this.notices.splice(0, count);
  }

  // ---- what happens in the world

  /** A NIC is plugged in, administratively up, with its cable. */
  plugIn(name: string): void {
    this.addDevice(name, { kind: "", alias: "", adminUp: true, hardwareAddress: hardwareAddressOf(this.nextIndex) });
    this.startDetection(this.device(name));
  }

  setCable(name: string, cable: boolean): void {
    const device = this.device(name);
    const carried = device.carrier;
    device.cable = cable;
    if (device.adminUp && carried !== cable) this.carrierChanged(device);
  }

  setAdminUp(name: string, adminUp: boolean): void {
    const device = this.device(name);
    if (device.adminUp === adminUp) return;
    this.changeDevice(device, { adminUp });
    this.carrierChanged(device);
    if (!adminUp) this.addresses.flush(device.index, [6]);
    this.startDetection(device);
  }

  rename(name: string, newName: string): void {
    const device = this.device(name);
    this.changeDevice(device, { name: newName });
    this.notifyLink(device);
  }

  /** RTM_NEWLINK without carrier comes before RTM_DELLINK. */
  unplug(name: string): void {
    const device = this.device(name);
    device.cable = false;
    this.changeDevice(device, { adminUp: false });
    this.carrierChanged(device);
    this.addresses.flush(device.index, [4, 6]);
    this.routing.flushDevice(device.index, true);
    this.devices.delete(device.index);
    this.settings.removeLink(device.index);
    this.notices.push({ kind: "link-removed", index: device.index, name: device.name });
  }

  /** The clock moves; what was due on the way happens. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    const due = this.detections.filter((entry) => entry.doneAtMs <= nowMs);
    this.detections = this.detections.filter((entry) => entry.doneAtMs > nowMs);
    for (const { index } of due) {
      const tentative = this.addresses.on(index).find((address) => address.tentative);
      if (tentative !== undefined) this.addresses.set({ ...tentative, tentative: false });
    }
  }

  /** The listening socket is closed and opened anew: what was queued is gone, plans and watches too. */
  resetListener(): void {
    this.notices = [];
    this.plans = [];
    this.watched = [];
  }

  // ---- the door (KernelPort)

  dump(settingsOf: readonly string[]): KernelPicture {
    const settings: Record<string, string> = {};
    for (const name of ["", ...settingsOf])
      for (const [key, value] of Object.entries(this.settings.of(this.indexOf(name) ?? -1)))
        settings[`${name}/${key}`] = value;
    return {
      links: this.links,
      addresses: [...this.addresses.all],
      nextHops: [...this.routing.nextHops.values()],
      routes: this.routing.routes.filter((route) => route.protocol === OUR_PROTOCOL),
      settings,
    };
  }

  apply(requests: readonly KernelRequest[]): readonly KernelOutcome[] {
    return requests.map((request) => {
      const code = this.refuse(request);
      const outcome = code === undefined ? this.carryOut(request) : refused(code, "refused by the test");
      this.afterRequest();
      return outcome;
    });
  }

  announce(announcements: readonly Announcement[]): void {
    for (const announcement of announcements) this.peer.hear(announcement, this.nowMs);
  }

  arm(plans: readonly FailoverPlan[]): void {
    this.plans = plans;
  }

  watch(indexes: readonly number[]): void {
    this.watched = indexes;
  }

  // ---- inside

  private carryOut(request: KernelRequest): KernelOutcome {
    switch (request.op) {
      case "create-link":
        return this.createLink(request.name, request.kinds, request.alias);
      case "set-link-up":
        return this.withDevice(request.index, (device) => this.setAdminUp(device.name, true));
      case "remove-link":
        return this.withDevice(request.index, (device) => {
          if (device.alias !== OUR_LINK_ALIAS) this.violations.push(`link ${device.name} was a stranger's`);
          this.unplug(device.name);
        });
      case "set-setting":
        return this.settings.set(this.indexOf(request.link), request.key, request.value);
      case "restore-settings":
        return request.link === "*" ? this.settings.restoreAll() : this.settings.restore(this.indexOf(request.link));
      case "set-address":
        return this.setOurAddress(request);
      case "remove-address":
        if (!this.devices.has(request.index)) return refused("ENODEV");
        return this.addresses.remove(request, OUR_PROTOCOL);
      case "set-next-hop":
        return this.routing.setNextHop({
          ...{ id: request.id, index: request.index, gateway: request.gateway },
          ...{ protocol: OUR_PROTOCOL, group: [] },
        });
      case "set-next-hop-group":
        return this.routing.setGroup({
          ...{ id: request.id, group: [...request.group].sort((a, b) => a - b) },
          ...{ protocol: OUR_PROTOCOL, index: 0, gateway: "" },
        });
      case "remove-next-hop":
        return this.routing.removeNextHop(request.id, OUR_PROTOCOL);
      case "set-route":
        return this.routing.setRoute(request.route, request.replace);
      case "remove-route":
        return this.routing.removeRoute(request.route);
    }
  }

  private setOurAddress(request: Extract<KernelRequest, { op: "set-address" }>): KernelOutcome {
    if (!this.devices.has(request.index)) return refused("ENODEV");
    const { index, family, address, prefixLength, scope, deprecated } = request;
    return this.addresses.set({
      ...{ index, family, address, prefixLength, scope, deprecated },
      protocol: OUR_PROTOCOL,
      tentative: false,
    });
  }

  private createLink(name: string, kinds: readonly string[], alias: string): KernelOutcome {
    const kind = kinds.find((candidate) => this.options.kinds.includes(candidate));
    if (kind === undefined) return refused("EOPNOTSUPP", "Unknown device type.");
    if (this.link(name) !== undefined) return refused("EEXIST");
    this.addDevice(name, { kind, alias, adminUp: true, hardwareAddress: hardwareAddressOf(this.nextIndex) });
    return DONE;
  }

  private withDevice(index: number, change: (device: Device) => void): KernelOutcome {
    const device = this.devices.get(index);
    if (device === undefined) return refused("ENODEV");
    change(device);
    return DONE;
  }

  private addDevice(name: string, form: Pick<Link, "kind" | "alias" | "adminUp" | "hardwareAddress">): void {
    const index = this.nextIndex++;
    const device = { index, name, ...form, carrier: form.adminUp, cable: true, mtu: 1500 };
    this.devices.set(index, device);
    this.settings.addLink(index);
    this.notifyLink(device);
  }

  private device(name: string): Device {
    const device = [...this.devices.values()].find((candidate) => candidate.name === name);
    if (device === undefined) throw new Error(`no device ${name} in the simulated kernel`);
    return device;
  }

  private indexOf(name: string): number | undefined {
    return name === "" ? NAMESPACE_INDEX : this.link(name)?.index;
  }

  private changeDevice(device: Device, change: Partial<Pick<Link, "name" | "adminUp" | "carrier">>): void {
    Object.assign(device, change);
  }

  /**
   * The watch reports ahead of everything; next hops go before the link notice; an armed plan is carried out after the
   * kernel's own flush, which its first act provokes.
   */
  private carrierChanged(device: Device): void {
    const carrier = device.adminUp && device.cable;
    const changed = device.carrier !== carrier;
    this.changeDevice(device, { carrier });
    const plan = changed && !carrier ? this.takePlan(device.index) : undefined;
    if (plan !== undefined) this.announce(plan.announcements);
    if (changed && this.watched.includes(device.index))
      this.notices.push({ kind: "carrier", index: device.index, carrier, fired: plan !== undefined });
    if (!carrier) this.routing.flushDevice(device.index, !device.adminUp);
    this.notifyLink(device);
    if (plan !== undefined) this.apply(plan.requests);
  }

  /** A plan is good for one loss. */
  private takePlan(index: number): FailoverPlan | undefined {
    if (!this.watched.includes(index)) return undefined;
    const plan = this.plans.find((candidate) => candidate.index === index);
    this.plans = this.plans.filter((candidate) => candidate !== plan);
    return plan;
  }

  /** The link-local address appears unreported and tentative, and is reported when nobody else claims it. */
  private startDetection(device: Device): void {
    const has = this.addresses.on(device.index).some((address) => address.scope === "link" && address.protocol === 0);
    if (!device.adminUp || has) return;
    this.detections = this.detections.filter((entry) => entry.index !== device.index);
    this.addresses.setQuietly(linkLocalOf(device.index));
    this.detections.push({ index: device.index, doneAtMs: this.nowMs + this.options.duplicateDetectionMs() });
  }

  private refusesNextHop(index: number): KernelOutcome | undefined {
    const device = this.devices.get(index);
    if (device === undefined) return refused("ENODEV");
    if (!device.adminUp) return refused("ENETDOWN", "Nexthop device is not up.");
    return device.carrier ? undefined : refused("ENETDOWN", "Carrier for nexthop device is down.");
  }

  private notifyLink(device: Device): void {
    this.notices.push({ kind: "link", link: toLink(device) });
  }

  /** What the peer sees of us: only real NICs are wired. */
  private wire(): ConstructorParameters<typeof SimulatedPeer>[0] {
    const kernel = this;
    return {
      get links() {
        return kernel.links.filter((link) => link.kind === "" && link.index !== LOOPBACK_INDEX);
      },
      get addresses() {
        return kernel.addresses.all;
      },
      isHostAddress: (family, address) => kernel.isHostAddress(family, address),
    };
  }
}

function toLink({ cable: _, ...link }: Device): Link {
  return link;
}

/** Every device has its own, also after it was taken out and put in again. */
function hardwareAddressOf(index: number): string {
  return `02:00:00:00:00:${index.toString(16).padStart(2, "0")}`;
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
