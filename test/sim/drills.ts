/** From calm, one thing goes wrong, and what has to come of it has to come in time. */
import type { GroupConfiguration, MemberConfiguration } from "../../src/core/configuration.ts";
import { carriersOf, functioningMembers, hostsOf, outboundLinks } from "./checkers.ts";
import { endFamilyFaults, loseIpv6 } from "./family-faults.ts";
import { CALM_MS, pass, passUntil } from "./time.ts";
import { probedFamilies, probedSubnets } from "./truth.ts";
import { demand, Violated } from "./violated.ts";
import type { World } from "./world.ts";

/** Of the failure detection time: five lost probes, one that is under way, and what they are displaced by. */
const DETECTION_FACTOR = 1.4;
/** Ten good probes, and two for displacement; in turn with others that may answer nothing. */
const REPAIR_INTERVALS = 12;
const INTERVALS_PER_DETECTION_TIME = 7;
/** The longest hold-down, in windows of the flap limit, with the window before it. */
const HOLD_DOWN_WINDOWS = 17;
/** Far quicker than any window. */
const FLAP_MS = 200;
/** Where targets limit their answers the step may grow to what is right for such a time, and a verdict may take so many times as long. */
const LIMITED_CAP_MS = 20_000;
const LIMITED_FACTOR = 7;
/** Longer than the prober may sleep without anybody being blamed: seven intervals of the longest detection time. */
const STARVED_MS = 15_000;

const EXERCISES = [
  ...[pullCable, pullCable, flap, reloadWithFailure],
  ...[killPath, killPath, killRouters, starveProber, refuseProbes, loseFamily],
];

/** One of them. Where nobody can tell what has to come of it there is none. */
export function drill(world: World): void {
  const { random } = world;
  const group = random.pick(world.configuration.groups);
  if (group === undefined || world.hasUndecided() || hasTwins(world, group)) return;
  const exercise = random.pick(EXERCISES);
  exercise?.(world, group);
}

function hasTwins(world: World, group: GroupConfiguration): boolean {
  return group.members.some(({ name }) => world.isDuplicate(name));
}

/**
 * One active member loses its link while another works: the armed plan alone must keep the peer's packets coming and ours
 * leaving, before the machine has heard of it; then the machine must have it all in place at once.
 */
function pullCable(world: World, group: GroupConfiguration): void {
  const { daemon, kernel, random, truth } = world;
  const active = daemon.snapshot().groups.find((row) => row.groupName === group.name)?.active ?? [];
  const victim = random.pick(active);
  if (victim === undefined || functioningMembers(world, group).length < 2) return;
  world.note(() => `DRILL pull the cable of ${victim}`);
  truth.touch(victim);
  kernel.setCable(victim, false);
  demandTraffic(world, "by the plan alone");
  pass(world, 0);
  demandTraffic(world, "after the machine's first answer");
  pass(world, CALM_MS);
}

function demandTraffic(world: World, when: string): void {
  for (const group of world.configuration.groups) {
    const functioning = functioningMembers(world, group);
    for (const { family, address, subnet } of group.addresses) {
      if (carriersOf(world, functioning, family).length === 0) continue;
      if (!world.kernel.peer.reaches(family, address)) throw new Violated(`the peer does not reach ${address} ${when}`);
      if (outboundLinks(world, subnet).length === 0) throw new Violated(`nothing leaves for ${subnet} ${when}`);
    }
  }
}

/** A member loses IPv6, and gets it back: its IPv4 addresses stay where they are, and nobody fails for it. */
function loseFamily(world: World, group: GroupConfiguration): void {
  const before = functioningMembers(world, group);
  const victim = world.random.pick(before);
  if (victim === undefined || !world.truth.carries(victim, 6)) return;
  const hosting = () => ipv4Hosting(world, group);
  const hosted = hosting();
  const demandUnhurt = (when: string) => {
    demand(hosting() === hosted, () => `IPv4 is on ${hosting()} and was on ${hosted} before ${victim} ${when}`);
    for (const name of before)
      demand(stateOf(world, name) !== "failed", () => `${name} has failed as ${victim} ${when}`);
  };
  world.note(() => `DRILL ${victim} loses IPv6`);
  loseIpv6(world, victim);
  pass(world, 0);
  demandUnhurt("lost IPv6");
  pass(world, CALM_MS);
  demandUnhurt("had no IPv6 for a while");
  if (world.random.chance(0.5)) return;
  endFamilyFaults(world);
  pass(world, CALM_MS);
  demandUnhurt("had IPv6 again");
}

function ipv4Hosting(world: World, group: GroupConfiguration): string {
  const ipv4 = group.addresses.filter(({ family }) => family === 4);
  return ipv4.map(({ address }) => `${address} ${hostsOf(world, group, address).join("+")}`).join(", ");
}

/** The path behind a link that stays up is cut: probes find it in time, while those of another are answered; and its repair. */
function killPath(world: World, group: GroupConfiguration): void {
  const victim = world.random.pick(probedMembers(world, group));
  if (victim === undefined || functioningMembers(world, group).length < 2) return;
  const index = setPath(world, victim, world.random.pick(["dead", "deaf", "mute"] as const) ?? "dead");
  const limitMs = effectiveDetectionTimeMs(world, group) * DETECTION_FACTOR;
  const failed = () => stateOf(world, victim.name) === "failed";
  passUntil(world, failed, limitMs, () => `${victim.name} has no path and has not failed after ${limitMs} ms`);
  pass(world, CALM_MS);
  demandHostedElsewhere(world, group, victim.name);
  world.daemon.segment.setPath(index, "alive");
  world.truth.touch(victim.name);
  const repairMs = repairLimitMs(world, group);
  passUntil(
    world,
    () => !failed(),
    repairMs,
    () => `${victim.name} is well and not repaired after ${repairMs} ms`,
  );
  pass(world, CALM_MS);
}

function setPath(world: World, { name }: MemberConfiguration, state: "dead" | "deaf" | "mute"): number {
  const index = world.kernel.link(name)?.index ?? 0;
  world.note(() => `DRILL the path of ${name} is ${state}`);
  world.truth.touch(name);
  world.daemon.segment.setPath(index, state);
  return index;
}

/** Where anybody else that functions can carry its family at all. */
function demandHostedElsewhere(world: World, group: GroupConfiguration, victim: string): void {
  const functioning = functioningMembers(world, group);
  for (const { address, family } of group.addresses) {
    if (carriersOf(world, functioning, family).length === 0) continue;
    const hosts = hostsOf(world, group, address);
    demand(!hosts.includes(victim), () => `${victim} has failed by its probes and hosts ${address}`);
  }
}

/** All routers and configured targets die, hosts on the link live on: they are asked, and nobody is blamed. */
function killRouters(world: World, group: GroupConfiguration): void {
  const { daemon, truth } = world;
  const victims = [...group.routes.map(({ via }) => via), ...group.targets.map(({ address }) => address)];
  const before = functioningMembers(world, group);
  const hosts = daemon.segment.all.filter((host) => host.answersMulticast && !victims.includes(host.address));
  const probed = probedMembers(world, group).map(({ name }) => name);
  // One that is not probed, or elsewhere, speaks against those that are: its link is up, its probes are answered.
  const alike = new Set(group.members.map((member) => probedSubnets(group, member))).size === 1;
  if (victims.length === 0 || hosts.length < 4 || !alike || !before.every((name) => probed.includes(name))) return;
  world.note(() => `DRILL ${victims.join(" ")} die`);
  for (const address of victims) change(world, address, false);
  pass(world, effectiveDetectionTimeMs(world, group) * 3);
  for (const name of before)
    demand(stateOf(world, name) !== "failed", () => `${name} has failed though hosts on its link answer`);
  for (const address of victims) change(world, address, true);
  truth.touchAll();
  pass(world, CALM_MS);
}

function change({ daemon, truth }: World, address: string, alive: boolean): void {
  truth.touch(address);
  daemon.segment.setHost(address, { alive });
}

/** The prober is not scheduled: what it has not sent nobody has lost. */
function starveProber(world: World, group: GroupConfiguration): void {
  withoutBlame(world, group, "the prober starves", () => world.daemon.prober.stall(STARVED_MS));
}

/** The kernel does not send: no card has failed for that either. */
function refuseProbes(world: World, group: GroupConfiguration): void {
  withoutBlame(world, group, "probes are refused", () => world.daemon.prober.refuseSends(STARVED_MS));
}

function withoutBlame(world: World, group: GroupConfiguration, what: string, happen: () => void): void {
  const before = functioningMembers(world, group);
  world.note(() => `DRILL ${what}`);
  happen();
  pass(world, STARVED_MS + CALM_MS);
  for (const name of before) demand(stateOf(world, name) !== "failed", () => `${name} has failed though only ${what}`);
}

/** A member has failed by its probes; a reload that has nothing to do with that, or a restart, leaves it failed. */
function reloadWithFailure(world: World, group: GroupConfiguration): void {
  const { daemon, random } = world;
  const victim = random.pick(probedMembers(world, group));
  if (victim === undefined || functioningMembers(world, group).length < 2) return;
  const index = setPath(world, victim, "dead");
  const limitMs = effectiveDetectionTimeMs(world, group) * DETECTION_FACTOR;
  const failed = () => stateOf(world, victim.name) === "failed";
  passUntil(world, failed, limitMs, () => `${victim.name} has no path and has not failed after ${limitMs} ms`);
  world.note(() => "DRILL reload, restart");
  if (random.chance(0.5)) daemon.restart();
  else daemon.configure(world.configuration);
  pass(world, CALM_MS);
  demand(failed(), () => `the failure of ${victim.name} is forgotten`);
  daemon.segment.setPath(index, "alive");
  world.truth.touch(victim.name);
  passUntil(
    world,
    () => !failed(),
    repairLimitMs(world, group),
    () => `${victim.name} is well and not repaired`,
  );
  pass(world, CALM_MS);
}

/** A link goes up and down until it is held down: the journal counts the repairs that are believed. */
function flap(world: World, group: GroupConfiguration): void {
  const { kernel, random, truth } = world;
  const victim = random.pick(functioningMembers(world, group));
  if (victim === undefined) return;
  world.note(() => `DRILL ${victim} flaps`);
  for (let times = 0; times < (group.flapLimit?.count ?? 1) + 2; times++) {
    kernel.setCable(victim, false);
    pass(world, FLAP_MS);
    kernel.setCable(victim, true);
    pass(world, FLAP_MS);
  }
  truth.touch(victim);
}

/** Functioning members of which probes would tell a failure, since there is somebody whom they ask. */
function probedMembers(world: World, group: GroupConfiguration): MemberConfiguration[] {
  const functioning = functioningMembers(world, group);
  const { interfaces } = world.daemon.snapshot();
  return group.members.filter(
    (member) =>
      functioning.includes(member.name) &&
      probedFamilies(group, member).length > 0 &&
      world.truth.hasPath(member.name) &&
      interfaces.find((row) => row.name === member.name)?.probe === "ok",
  );
}

function stateOf(world: World, name: string): string | undefined {
  return world.daemon.snapshot().interfaces.find((row) => row.name === name)?.state;
}

/** The one in force: only targets that were slow, or answered in part, can have raised it, and not without limit. */
export function effectiveDetectionTimeMs(world: World, group: GroupConfiguration): number {
  const row = world.daemon.snapshot().groups.find((candidate) => candidate.groupName === group.name);
  const configuredMs = group.failureDetectionTimeMs;
  const effectiveMs = row?.failureDetectionTimeMs ?? configuredMs;
  const raisedMs = world.hadSlowTargets ? group.failureDetectionTimeCapMs : configuredMs;
  const limitMs = world.journal.saidLimited ? Math.max(raisedMs, LIMITED_CAP_MS) * LIMITED_FACTOR : raisedMs;
  const text = () => `the failure detection time of ${group.name} is ${effectiveMs} ms, configured ${configuredMs} ms`;
  demand(effectiveMs >= configuredMs && effectiveMs <= limitMs, text);
  return effectiveMs;
}

/** Within what time a member that is well again must function. */
export function repairLimitMs(world: World, group: GroupConfiguration): number {
  const intervalMs = effectiveDetectionTimeMs(world, group) / INTERVALS_PER_DETECTION_TIME;
  const heldMs = (group.flapLimit?.windowMs ?? 0) * HOLD_DOWN_WINDOWS;
  return intervalMs * REPAIR_INTERVALS + heldMs + group.linkUpDelayMs;
}
