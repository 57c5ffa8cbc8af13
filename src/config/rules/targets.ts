/** Targets that would tell nothing of a card, or that would never be asked. */
import { contains, type IpAddress, type IpPrefix, subnetOf, unfitBeside } from "../addresses.ts";
import type { DraftGroup } from "../draft.ts";
import { shown } from "../problem.ts";
import type { Placed } from "../spot.ts";
import { type Findings, quoted } from "./findings.ts";
import { OwnAddresses, onSubnet } from "./own-addresses.ts";
import { probeSources, remedyOf } from "./probe-sources.ts";

export function checkTargets(groups: readonly DraftGroup[], findings: Findings): void {
  const own = new OwnAddresses(groups);
  for (const group of groups) {
    const { name, targets } = group;
    checkNotOurs(name, targets, own, findings);
    checkHosts(group, findings);
    checkDistinct(targets, findings);
  }
}

/** A host answers its own probes whatever the network does. */
function checkNotOurs(group: string, targets: Targets, own: OwnAddresses, findings: Findings): void {
  for (const { value, offset } of targets) {
    const ours = own.find(value, group);
    if (ours === undefined) continue;
    const place = `our own ${ours.use} (${findings.line(ours.offset)})`;
    findings.problem(offset, `targets: found ${value.address}, ${place}, wanted another host`);
  }
}

/** Nobody answers for a whole subnet, and the kernel does not even send to a broadcast address. */
function checkHosts({ addresses, members = [], targets }: DraftGroup, findings: Findings): void {
  const ours = [...addresses, ...members.flatMap(({ testAddresses }) => testAddresses)].map(({ value }) => value);
  for (const { value, offset } of targets) {
    const flaw = unfitBeside(value, ours);
    if (flaw !== undefined) {
      findings.problem(offset, `targets: found ${value.address}, wanted an address of one host (this is ${flaw})`);
    }
  }
}

/** It would be asked twice as often as the others, and count twice. */
function checkDistinct(targets: Targets, findings: Findings): void {
  const firsts = new Map<string, number>();
  for (const { value, offset } of targets) {
    const first = firsts.get(value.address);
    if (first === undefined) firsts.set(value.address, offset);
    else {
      const place = `a second time (first on ${findings.line(first)})`;
      findings.problem(offset, `targets: found ${value.address} ${place}, wanted each target once`);
    }
  }
}

export function warnAboutTargets(groups: readonly DraftGroup[], findings: Findings): void {
  for (const group of groups) {
    for (const family of [4, 6] as const) {
      const targets = group.targets.filter(({ value }) => value.family === family);
      const sources = probeSources(group, family);
      const [first] = targets;
      if (first === undefined) continue;
      if (sources.length > 0) warnAboutReach(targets, sources, findings);
      else {
        const need = needOf(group, family);
        const never = `${shown(targets.map(({ value }) => value.address).join(", "))} will never be probed`;
        findings.warning(
          first.offset,
          `targets: no interface of group ${quoted(group.name)} has ${need}, so ${never}${remedyOf(group, [family])}`,
        );
      }
      warnAboutOnlyRouter(group, targets, sources, findings);
    }
  }
}

type Targets = readonly Placed<IpAddress>[];
type Sources = readonly Placed<IpPrefix>[];

function needOf({ settings }: DraftGroup, family: 4 | 6): string {
  const testAddress = family === 4 ? "an IPv4 test address" : "a link-local IPv6 test address";
  return settings.transitiveProbing ? `${testAddress} or IPv${family} data address to probe from` : testAddress;
}

/** Probes never leave the link. */
function warnAboutReach(targets: Targets, sources: Sources, findings: Findings): void {
  const subnets = [...new Set(sources.map(({ value }) => subnetOf(value)))].join(", ");
  for (const { value, offset } of targets.filter((target) => onSubnet(target.value, sources) === undefined)) {
    const never = `is on no subnet that probes leave from (${subnets}), so it will never be probed`;
    findings.warning(offset, `targets: ${value.address} ${never}`);
  }
}

/** When a sole router dies, every card looks dead. */
function warnAboutOnlyRouter(group: DraftGroup, targets: Targets, sources: Sources, findings: Findings): void {
  const onLink = (ip: IpAddress) => sources.some(({ value }) => contains(value, ip));
  const routers = new Set(
    group.routes
      .map(({ via }) => via.value)
      .filter(onLink)
      .map(({ address }) => address),
  );
  const [target, another] = targets.filter(({ value }) => onLink(value));
  if (target === undefined || another !== undefined || routers.size !== 1 || !routers.has(target.value.address)) return;
  const reason = "is a router and the only target: a failure of it looks like one of all interfaces";
  findings.warning(target.offset, `targets: ${target.value.address} ${reason}; name another host as well`);
}
