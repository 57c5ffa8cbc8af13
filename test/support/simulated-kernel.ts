/**
 * A deterministic model of Linux as far as the machine can see it. Time passes only by `advance`; every change, ours
 * or a stranger's, queues its notice in the kernel's order. Where the model copies a surprise of Linux, it says so.
 */
import type { FailoverPlan } from "../../src/core/actions.ts";
import type { Family } from "../../src/core/configuration.ts";
import type {
  Announcement,
  InterfaceAddress,
  KernelNotice,
  KernelOutcome,
  KernelPicture,
  KernelRequest,
  Link,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_LINK_ALIAS, OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import { SimulatedAddresses } from "./simulated-addresses.ts";
import {
  type ChangeableTrait,
  type Device,
  hasCarrier,
  renewCarrier,
  SimulatedDevices,
  toLink,
} from "./simulated-devices.ts";
import { ipv6Refusal, shownSettings } from "./simulated-ipv6.ts";
import { SimulatedLinkLocals } from "./simulated-link-locals.ts";
import { DONE, type ErrnoName, refused } from "./simulated-outcomes.ts";
import { SimulatedPeer } from "./simulated-peer.ts";
import { prefixRouteOf } from "./simulated-prefix-routes.ts";
import { SimulatedRouting } from "./simulated-routing.ts";
import { NAMESPACE_INDEX, SimulatedSettings } from "./simulated-settings.ts";

export interface KernelOptions {
  /** Device kinds that `create-link` finds. */
  readonly kinds: readonly string[];
  /** How long duplicate address detection of the next link-local address takes, with one probe. */
  readonly duplicateDetectionMs: () => number;
}

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
  /** False: as one booted with `ipv6.disable=1`. */
  hasIpv6 = true;
  nowMs = 0;
  private readonly devices = new SimulatedDevices();
  private readonly linkLocals: SimulatedLinkLocals;
  private notices: KernelNotice[] = [];
  private plans: readonly FailoverPlan[] = [];
  private watched: readonly number[] = [];
  /** The links of which the last dump was to tell strangers' routes, too: only theirs are reported. */
  private routesAskedOf: readonly number[] = [];
  private readonly options: KernelOptions;

  constructor(options: KernelOptions = { kinds: ["ifb"], duplicateDetectionMs: () => 1000 }) {
    this.options = options;
    const notify = (notice: KernelNotice) => this.notify(notice);
    const violation = (text: string) => this.violations.push(text);
    this.routing = new SimulatedRouting({
      notify,
      violation,
      refusesNextHop: (index, family) => this.refusesNextHop(index, family),
      onDevice: (family, address) => this.addresses.holds(family, address),
    });
    this.addresses = new SimulatedAddresses({
      notify,
      violation,
      came: (address) => this.addPrefixRoute(address),
      left: (address) => this.dropRoutesOf(address),
    });
    this.peer = new SimulatedPeer(this);
    this.linkLocals = new SimulatedLinkLocals(this.addresses);
    this.addDevice("lo", "", "");
    this.takeNotices();
  }

  /** As they are now: they change with time. */
  get links(): readonly Link[] {
    return this.devices.links;
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
    return this.linkLocals.nextAtMs;
  }

  /** Up to `count` of the oldest notices, as one batch. */
  takeNotices(count = Number.POSITIVE_INFINITY): readonly KernelNotice[] {
    return this.notices.splice(0, count);
  }

  /** What was taken is put before what has come since. */
  putBackNotices(notices: readonly KernelNotice[]): void {
    this.notices = [...notices, ...this.notices];
  }

  /** A NIC is plugged in, administratively up, with its cable. */
  plugIn(name: string): void {
    this.startDetection(this.addDevice(name, "", ""));
  }

  setCable(name: string, cable: boolean): void {
    const device = this.devices.named(name);
    device.cable = cable;
    if (device.adminUp && device.carrier !== hasCarrier(device)) this.carrierChanged(device);
  }

  setAdminUp(name: string, adminUp: boolean): void {
    const device = this.devices.named(name);
    if (device.adminUp === adminUp) return;
    device.adminUp = adminUp;
    this.carrierChanged(device);
    if (!adminUp) this.addresses.flush(device.index, [6]);
    this.startDetection(device);
  }

  rename(name: string, newName: string): void {
    this.change(name, { name: newName });
  }

  /** What an administrator or a driver changes about a device, and is reported as it is. */
  change(name: string, changes: Partial<Pick<Device, ChangeableTrait>>): void {
    this.notifyLink(Object.assign(this.devices.named(name), changes));
  }

  /** The port lets nobody in any more (802.1X), or does again. The carrier stays, and so do next hops; a plan is carried out. */
  setDormant(name: string, dormant: boolean): void {
    const device = this.devices.named(name);
    if (device.dormant === dormant) return;
    device.dormant = dormant;
    renewCarrier(device);
    const plans = dormant && device.carrier ? this.takePlans(({ index }) => index === device.index) : [];
    for (const plan of plans) {
      this.announce(plan.announcements);
      this.apply(plan.requests);
    }
    if (plans.length > 0) this.notify({ kind: "carrier", index: device.index, carrier: false, fired: true });
    this.notifyLink(device);
  }

  /** RTM_NEWLINK without carrier comes before RTM_DELLINK. */
  unplug(name: string): void {
    const device = this.devices.named(name);
    device.cable = false;
    device.adminUp = false;
    this.carrierChanged(device);
    this.addresses.flush(device.index, [4, 6]);
    this.routing.flushDevice(device.index, true);
    this.devices.remove(device.index);
    this.settings.removeLink(device.index);
    this.notify({ kind: "link-removed", index: device.index, name: device.name });
  }

  /** The clock moves; what was due on the way happens. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    this.linkLocals.advance(nowMs);
  }

  /** Without IPv6 a link loses its addresses of that family, and gets none; its next hops stay, and lead nowhere. */
  disableIpv6(name: string): void {
    const { index } = this.devices.named(name);
    this.settings.write(index, "ipv6.disable_ipv6", "1");
    this.addresses.flush(index, [6]);
  }

  /** Below 1280 octets a link has no IPv6; with more it begins anew with it. */
  setMtu(name: string, mtu: number): void {
    const device = this.devices.named(name);
    const had = this.ipv6Refusal(device.index) === undefined;
    this.notifyLink(Object.assign(device, { mtu }));
    const has = this.ipv6Refusal(device.index) === undefined;
    if (had && !has) this.addresses.flush(device.index, [6]);
    if (!had && has) this.startDetection(device);
  }

  /** Why nothing of IPv6 can be had on this device, or undefined. */
  ipv6Refusal(index: number): KernelOutcome | undefined {
    return ipv6Refusal(this.hasIpv6, this.devices.get(index), this.settings.of(index));
  }

  enableIpv6(name: string): void {
    const device = this.devices.named(name);
    this.settings.write(device.index, "ipv6.disable_ipv6", "0");
    this.startDetection(device);
  }

  /** The listening socket is closed and opened anew: what was queued is gone, plans and watches too. */
  resetListener(): void {
    this.notices = [];
    this.plans = [];
    this.watched = [];
    this.routesAskedOf = [];
  }

  dump(settingsOf: readonly string[]): KernelPicture {
    const settings: Record<string, string> = {};
    this.routesAskedOf = settingsOf.map((name) => this.link(name)?.index ?? 0);
    for (const name of ["", ...settingsOf]) {
      const index = this.indexOf(name) ?? -1;
      const shown = shownSettings(this.hasIpv6, this.devices.get(index), this.settings.of(index));
      for (const [key, value] of shown) settings[`${name}/${key}`] = value;
    }
    return {
      links: this.devices.links.map(toLink),
      addresses: [...this.addresses.all],
      nextHops: [...this.routing.nextHops.values()],
      routes: this.routing.routes.filter((route) => route.protocol === OUR_PROTOCOL),
      otherRoutes: this.routing.otherRoutes(this.routesAskedOf),
      settings,
      kept: this.settings.kept(),
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

  fire(index: number): void {
    for (const plan of this.takePlans((one) => one.index === index && one.members.join() === `${index}`)) {
      this.announce(plan.announcements);
      this.apply(plan.requests);
    }
  }

  arm(plans: readonly FailoverPlan[]): void {
    this.plans = plans;
  }

  watch(indexes: readonly number[]): void {
    this.watched = indexes;
  }

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
        if (!this.hasIpv6 && request.key.startsWith("ipv6.")) return refused("ENOENT");
        return this.indexOf(request.link) === request.index
          ? this.settings.set(request.index, request.key, request.value)
          : refused("ENOENT");
      case "restore-settings":
        return this.settings.restore(request.index, request.keys);
      case "set-address":
        return this.setOurAddress(request);
      case "remove-address":
        if (this.devices.get(request.index) === undefined) return refused("ENODEV");
        return this.addresses.remove(request, OUR_PROTOCOL);
      case "set-next-hop":
        return this.routing.setNextHop({
          ...{ id: request.id, family: request.family, index: request.index, gateway: request.gateway },
          ...{ protocol: OUR_PROTOCOL, group: [] },
        });
      case "set-next-hop-group":
        return this.routing.setGroup({
          ...{ id: request.id, group: [...request.group].sort((a, b) => a - b) },
          ...{ protocol: OUR_PROTOCOL, family: 0, index: 0, gateway: "" },
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
    if (this.devices.get(request.index) === undefined) return refused("ENODEV");
    const refusal = request.family === 6 ? this.ipv6Refusal(request.index) : undefined;
    if (refusal !== undefined) return refusal;
    const { op: _, replace, ...wanted } = request;
    return this.addresses.set({ ...wanted, protocol: OUR_PROTOCOL, tentative: false }, replace);
  }

  private createLink(name: string, kinds: readonly string[], alias: string): KernelOutcome {
    const kind = kinds.find((candidate) => this.options.kinds.includes(candidate));
    if (kind === undefined) return refused("EOPNOTSUPP", "Unknown device type.");
    if (this.link(name) !== undefined) return refused("EEXIST");
    this.addDevice(name, kind, alias);
    return DONE;
  }

  private withDevice(index: number, change: (device: Device) => void): KernelOutcome {
    const device = this.devices.get(index);
    if (device === undefined) return refused("ENODEV");
    change(device);
    return DONE;
  }

  private addDevice(name: string, kind: string, alias: string): Device {
    const device = this.devices.add(name, kind, alias);
    this.settings.addLink(device.index);
    this.notifyLink(device);
    return device;
  }

  private indexOf(name: string): number | undefined {
    return name === "" ? NAMESPACE_INDEX : this.link(name)?.index;
  }

  /**
   * The watch reports ahead of everything; next hops go before the link notice; an armed plan is carried out after the
   * kernel's own flush, which its first act provokes.
   */
  private carrierChanged(device: Device): void {
    const changed = renewCarrier(device);
    const { carrier } = device;
    const isLoss = changed && !carrier && this.watched.includes(device.index);
    const plans = isLoss ? this.takePlans(({ index }) => index === device.index) : [];
    for (const plan of plans) this.announce(plan.announcements);
    if (changed && this.watched.includes(device.index))
      this.notify({ kind: "carrier", index: device.index, carrier, fired: plans.length > 0 });
    if (!carrier) this.routing.flushDevice(device.index, !device.adminUp);
    this.notifyLink(device);
    for (const plan of plans) this.apply(plan.requests);
  }

  /** A plan is good for one loss, and takes along those of the members that are lost with it. */
  private takePlans(isMeant: (plan: FailoverPlan) => boolean): readonly FailoverPlan[] {
    const taken = this.plans.filter(isMeant);
    const lost = taken.flatMap(({ members }) => members);
    this.plans = this.plans.filter((plan) => !taken.includes(plan) && !lost.includes(plan.index));
    return taken;
  }

  private startDetection(device: Device): void {
    const settings = this.settings.of(device.index);
    if (!device.adminUp || this.ipv6Refusal(device.index) !== undefined) return;
    const moreProbes = Number(settings["ipv6.dad_transmits"]) - 1;
    const durationMs =
      this.options.duplicateDetectionMs() + moreProbes * Number(settings["ipv6.neigh.retrans_time_ms"]);
    this.linkLocals.start(device.index, this.nowMs + Math.max(0, durationMs));
  }

  private refusesNextHop(index: number, family: Family): KernelOutcome | undefined {
    const device = this.devices.get(index);
    if (device === undefined) return refused("ENODEV");
    if (!device.adminUp) return refused("ENETDOWN", "Nexthop device is not up.");
    if (!device.carrier) return refused("ENETDOWN", "Carrier for nexthop device is down.");
    return family === 6 ? this.ipv6Refusal(index) : undefined;
  }

  private notifyLink(device: Device): void {
    this.notify({ kind: "link", link: toLink(device) });
  }

  private notify(notice: KernelNotice): void {
    const other = notice.kind === "other-route" || notice.kind === "other-route-removed";
    if (!other || this.routesAskedOf.includes(notice.route.index)) this.notices.push(notice);
  }

  private addPrefixRoute(address: InterfaceAddress): void {
    const route = prefixRouteOf(address);
    if (route !== undefined) this.routing.setPrefixRoute(route);
  }

  private dropRoutesOf(address: InterfaceAddress): void {
    if (address.family === 4) this.routing.flushSource(address.address);
    const route = prefixRouteOf(address);
    if (route !== undefined) this.routing.dropPrefixRoute(route);
  }
}
