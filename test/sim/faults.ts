/** What can go wrong, each with its weight. A fault that makes no sense at the moment does nothing. */
import { type Link, OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import { hardwareAddressOf, LOOPBACK_INDEX } from "../support/simulated-devices.ts";
import type { ErrnoName } from "../support/simulated-outcomes.ts";
import { ask } from "./administrator.ts";
import { NIC_NAMES, randomConfiguration } from "./configurations.ts";
import { endFamilyFaults, FAMILY_FAULTS } from "./family-faults.ts";
import { type Fault, onNic } from "./fault.ts";
import { endNetworkFaults, NETWORK_FAULTS } from "./network-faults.ts";
import type { World } from "./world.ts";

/** None that says "it is not there" or "it is there": a kernel that lies can not be served. */
const REFUSALS: readonly ErrnoName[] = ["ENOMEM", "EBUSY", "ENOBUFS"];

const FAULTS: readonly Fault[] = [
  { weight: 10, name: "cable out", happen: (world) => onNic(world, (nic) => world.kernel.setCable(nic, false)) },
  { weight: 12, name: "cable in", happen: (world) => onNic(world, (nic) => world.kernel.setCable(nic, true)) },
  { weight: 5, name: "bounce", happen: bounce },
  { weight: 2, name: "port closes", happen: (world) => onNic(world, (nic) => world.kernel.setDormant(nic, true)) },
  { weight: 4, name: "port opens", happen: (world) => onNic(world, (nic) => world.kernel.setDormant(nic, false)) },
  { weight: 3, name: "admin down", happen: (world) => onNic(world, (nic) => world.kernel.setAdminUp(nic, false)) },
  { weight: 5, name: "admin up", happen: (world) => onNic(world, (nic) => world.kernel.setAdminUp(nic, true)) },
  { weight: 3, name: "unplug", happen: (world) => onNic(world, (nic) => world.kernel.unplug(nic)) },
  { weight: 5, name: "plug in", happen: plugIn },
  { weight: 2, name: "rename", happen: rename },
  { weight: 2, name: "notices lost", happen: loseNotices },
  { weight: 1, name: "notices lost silently", happen: loseSilently },
  { weight: 1, name: "notice repeated", happen: repeatNotice },
  { weight: 1, name: "notices out of order", happen: swapNotices },
  { weight: 1, name: "kernel slow to answer", happen: slowKernel },
  { weight: 2, name: "restart", happen: ({ daemon }) => daemon.restart() },
  { weight: 4, name: "kill", happen: ({ daemon, random }) => daemon.restartAfter(1 + random.below(12)) },
  { weight: 2, name: "stranger deletes address", happen: strangerDeletesAddress },
  { weight: 2, name: "stranger deletes route", happen: strangerDeletesRoute },
  { weight: 2, name: "stranger deletes next hop", happen: strangerDeletesNextHop },
  { weight: 1, name: "stranger deletes group interface", happen: strangerDeletesLink },
  { weight: 5, name: "refusals", happen: refuseSome },
  { weight: 1, name: "clock jump", happen: jump },
  { weight: 2, name: "another length of duplicate detection", happen: changeDetection },
  { weight: 2, name: "hardware address copied", happen: copyHardwareAddress },
  { weight: 3, name: "offline", happen: (world) => onNic(world, (nic) => ask(world, "offline", nic)) },
  { weight: 3, name: "online", happen: (world) => onNic(world, (nic) => ask(world, "online", nic)) },
  { weight: 1, name: "reconfigure", happen: reconfigure },
  { weight: 1, name: "peer asks anew", happen: ({ kernel, random }) => kernel.peer.refresh(random.below(4)) },
  { weight: 1, name: "reload of the same", happen: ({ daemon, configuration }) => daemon.configure(configuration) },
  ...FAMILY_FAULTS,
  ...NETWORK_FAULTS,
];

const TOTAL_WEIGHT = FAULTS.reduce((sum, fault) => sum + fault.weight, 0);

/** Lets one thing go wrong. */
export function randomFault(world: World): void {
  let ticket = world.random.below(TOTAL_WEIGHT);
  const fault = FAULTS.find(({ weight }) => {
    ticket -= weight;
    return ticket < 0;
  });
  world.note(() => `FAULT ${fault?.name}`);
  fault?.happen(world);
}

/** Everything that still disturbs stops; links stay as they are unless `repair`. */
export function endFaults(world: World, repair: boolean): void {
  const { kernel } = world;
  world.note(() => `CALM${repair ? " with everything repaired" : ""}`);
  kernel.refuse = () => undefined;
  world.daemon.restartAfter(Number.POSITIVE_INFINITY);
  world.daemon.holdsAnswers = false;
  endNetworkFaults(world, repair);
  if (!repair) return;
  endFamilyFaults(world);
  for (const link of kernel.links) if (isWired(link)) ownHardwareAddress(world, link);
  for (const { name } of kernel.links) if (name.startsWith("odd")) kernel.rename(name, name.replace("odd", "eth"));
  for (const name of NIC_NAMES) {
    if (kernel.link(name) === undefined) kernel.plugIn(name);
    kernel.setCable(name, true);
    kernel.setDormant(name, false);
    kernel.setAdminUp(name, true);
    world.truth.touch(name);
  }
}

function bounce(world: World): void {
  onNic(world, (nic) => {
    world.kernel.setCable(nic, false);
    world.kernel.setCable(nic, true);
  });
}

function plugIn({ kernel, random, truth }: World): void {
  const missing = NIC_NAMES.filter(
    (name) => kernel.link(name) === undefined && kernel.link(name.replace("eth", "odd")) === undefined,
  );
  const name = random.pick(missing);
  if (name === undefined) return;
  truth.touch(name);
  kernel.plugIn(name);
}

/** eth0 becomes odd0, or the other way round. */
function rename({ kernel, random, truth }: World): void {
  const name = random.pick(NIC_NAMES) ?? "";
  truth.touch(name);
  const odd = name.replace("eth", "odd");
  if (kernel.link(name) !== undefined && kernel.link(odd) === undefined) kernel.rename(name, odd);
  else if (kernel.link(odd) !== undefined && kernel.link(name) === undefined) kernel.rename(odd, name);
}

function loseNotices({ kernel, daemon }: World): void {
  kernel.takeNotices();
  daemon.step({ type: "overrun" });
}

function loseSilently(world: World): void {
  if (world.kernel.takeNotices(1 + world.random.below(5)).length > 0) world.lostSilently = true;
}

/** Until the next calm, but for dumps. */
function slowKernel({ daemon }: World): void {
  daemon.holdsAnswers = true;
}

/** The kernel says the same twice: harmless. */
function repeatNotice({ kernel, random }: World): void {
  const notices = kernel.takeNotices();
  const at = random.below(Math.max(1, notices.length));
  kernel.putBackNotices([...notices.slice(0, at), ...notices.slice(at, at + 1), ...notices.slice(at)]);
}

/** What was said first arrives last: then belief is wrong until somebody looks. */
function swapNotices(world: World): void {
  const notices = [...world.kernel.takeNotices()];
  const at = world.random.below(Math.max(1, notices.length - 1));
  const [first, second] = notices.slice(at, at + 2);
  if (first !== undefined && second !== undefined) {
    notices.splice(at, 2, second, first);
    world.lostSilently = true;
  }
  world.kernel.putBackNotices(notices);
}

/** The host was asleep, or its clock is wrong. Whatever waited is old news by then. */
function jump({ kernel, random, truth }: World): void {
  kernel.advance(kernel.nowMs + random.below(3_600_000));
  truth.touchAll();
}

/** From the next time on that the link is set up. */
function changeDetection(world: World): void {
  const { kernel, random } = world;
  onNic(world, (name) =>
    kernel.settings.write(kernel.link(name)?.index ?? 0, "ipv6.dad_transmits", `${random.below(4)}`),
  );
}

/** A card takes over the address of another, as a careless script or a cloned machine would have it. */
function copyHardwareAddress(world: World): void {
  const { kernel, random } = world;
  onNic(world, (name) => {
    const model = kernel.link(random.pick(NIC_NAMES) ?? "");
    if (model !== undefined) kernel.change(name, { hardwareAddress: model.hardwareAddress });
  });
}

function isWired({ kind, index }: Link): boolean {
  return kind === "" && index !== LOOPBACK_INDEX;
}

/** Every card has its own address again. */
function ownHardwareAddress({ kernel, truth }: World, { index, name, hardwareAddress }: Link): void {
  const own = hardwareAddressOf(index);
  if (own === hardwareAddress) return;
  truth.touch(name);
  kernel.change(name, { hardwareAddress: own });
}

function strangerDeletesAddress(world: World): void {
  const { kernel, random } = world;
  const address = random.pick(kernel.addresses.all.filter((held) => held.protocol === OUR_PROTOCOL));
  if (address === undefined) return;
  world.shake([address.address]);
  kernel.addresses.remove(address, OUR_PROTOCOL);
}

function strangerDeletesRoute(world: World): void {
  const { kernel, random } = world;
  const route = random.pick(kernel.routing.routes.filter((held) => held.protocol === OUR_PROTOCOL));
  if (route === undefined) return;
  world.shake([route.destination.replace(/\/\d+$/, "")]);
  kernel.routing.removeRoute(route);
}

function strangerDeletesNextHop({ kernel, random }: World): void {
  const ours = [...kernel.routing.nextHops.values()].filter((held) => held.protocol === OUR_PROTOCOL);
  const nextHop = random.pick(ours);
  if (nextHop !== undefined) kernel.routing.removeNextHop(nextHop.id, OUR_PROTOCOL);
}

function strangerDeletesLink(world: World): void {
  const group = world.random.pick(world.configuration.groups);
  if (group === undefined || world.kernel.link(group.name) === undefined) return;
  world.shake(group.addresses.map(({ address }) => address));
  world.kernel.unplug(group.name);
}

/** Some of the next requests meet a random errno, each with an even chance: few, or as many as a whole group needs. */
function refuseSome({ kernel, random }: World): void {
  let left = 1 + random.below(20);
  kernel.refuse = () => (left > 0 && random.chance(0.5) && left-- > 0 ? random.pick(REFUSALS) : undefined);
}

function reconfigure(world: World): void {
  world.replaceConfiguration(randomConfiguration(world.random));
  world.note(() => `reconfigure ${JSON.stringify(world.configuration)}`);
  const kept = new Set(world.configuration.groups.flatMap((group) => group.addresses.map((held) => held.address)));
  for (const address of world.settled) if (!kept.has(address)) world.settled.delete(address);
  world.daemon.configure(world.configuration);
}
