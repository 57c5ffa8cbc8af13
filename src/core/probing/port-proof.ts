/**
 * Does a switch port forward by now? Whoever waits for that by `link-up-delay` asks neighbours, and the first answer that comes in there
 * ends the wait. It takes no address of the member's own: IPv4 neighbours are asked by ARP that names no sender, those of IPv6 from the
 * link-local address that every link has.
 */
import type { ProbeMethod, ProbePlan } from "../actions.ts";
import type { Family } from "../configuration.ts";
import { awaitsPort, type Group, isFunctioning, type Member, nameOf } from "../group.ts";
import { isLinkLocal6 } from "../subnet.ts";
import type { ProbingContext } from "./context.ts";
import { instancesOf, isCapable, isProbed } from "./instance.ts";
import { NO_ADDRESS } from "./plan.ts";
import type { ProbeResult } from "./results.ts";
import { namedNeighbours } from "./sources.ts";
import { MOST_ACTIVE } from "./targets.ts";
import { linkLocalOf } from "./transitive.ts";

/** One neighbour is asked in each step (ms): half a second is lost at most by each that does not answer. */
const STEP_MS = 500;

/** Whom a member that has to wait can ask, by each family by which it is not probed; its probes tell more. */
export function findNeighbours(group: Group, context: ProbingContext): void {
  for (const member of group.members) {
    const isOpen = group.configuration.linkUpDelayMs > 0 && !isFunctioning(member);
    member.enquiries = !isOpen || instancesOf(member).some(isCapable) ? [] : enquiriesOf(group, member, context);
  }
}

/** Is `result` the answer that proves it? Then its port is trusted from now on. */
export function isProof(group: Group, member: Member, result: ProbeResult, { log }: ProbingContext): boolean {
  if (result.kind !== "answered" || result.from !== result.target || !awaitsPort(member)) return false;
  // It may have been asked before the link went down, and come up again.
  if (!(result.sentAt >= Number(member.upSince))) return false;
  member.upSince = undefined;
  log({ id: "port-forwards", interface: nameOf(member), group: group.configuration.name, neighbour: result.from });
  return true;
}

function enquiriesOf(group: Group, { link, instances }: Member, context: ProbingContext): ProbePlan[] {
  if (link === undefined) return [];
  const plan = (family: Family, method: ProbeMethod, source: string, targets: readonly string[]): ProbePlan => {
    const pace = { intervalMs: STEP_MS, detectionIntervalMs: STEP_MS, discover: false };
    const planned = targets.map((address) => ({ address, timeoutMs: STEP_MS }));
    return { index: link.index, family, method, source, ...pace, targets: planned };
  };
  const from = linkLocalOf(group, undefined, context.picture, link.index);
  const plans: ProbePlan[] = [];
  if (!isProbed(instances[4])) plans.push(plan(4, "arp", NO_ADDRESS, neighboursOf(group, 4, context)));
  if (!isProbed(instances[6]) && from !== undefined)
    plans.push(plan(6, "echo", from.address, neighboursOf(group, 6, context).filter(isLinkLocal6)));
  return plans.filter(({ targets }) => targets.length > 0);
}

/** The named ones, and whom others of the group have found. */
function neighboursOf(group: Group, family: Family, context: ProbingContext): string[] {
  const found = group.members.flatMap(({ instances }) => instances[family].targets.hosts);
  const all = [...namedNeighbours(group, family, context), ...found.map(({ address }) => address)];
  return [...new Set(all)].slice(0, MOST_ACTIVE);
}
