/** What the machine asks for and what is in the kernel, one readable line each. */
import type { Action, ProbePlan } from "../../src/core/actions.ts";
import type {
  Announcement,
  KernelOutcome,
  KernelRequest,
  NextHop,
  Route,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_NEXT_HOP_IDS, OUR_PROTOCOL, ROUTE_TABLE } from "../../src/core/kernel-state/kernel-objects.ts";
import { wording } from "../../src/core/message-texts.ts";
import { LOOPBACK_INDEX } from "../support/simulated-devices.ts";
import type { SimulatedKernel } from "../support/simulated-kernel.ts";
import { describePlanChange } from "./describe-probing.ts";

/**
 * Lines of one action; refused requests have the errno behind them. Of a probe plan only what is new against `plansBefore` is
 * told; what is kept has a command of its own.
 */
export function describeAction(
  kernel: SimulatedKernel,
  action: Action,
  outcomes: readonly KernelOutcome[],
  plansBefore: readonly ProbePlan[],
): string[] {
  const names = (indexes: readonly number[]) => indexes.map((index) => kernel.nameOf(index)).join(" ") || "nothing";
  switch (action.type) {
    case "apply":
      return mergeSettings(
        action.requests.map((request, at) => describeRequest(kernel, request) + verdict(outcomes[at])),
      );
    case "announce":
      return describeAnnouncements(kernel, action.announcements);
    case "dump":
      return ["dump"];
    case "arm":
      return [`arm ${names(action.plans.map((plan) => plan.index))}`];
    case "fire":
      return [`fire the plan of ${names([action.index])}`];
    case "watch":
      return [`watch ${names(action.indexes)}`];
    case "probe":
      return describePlanChange(kernel, plansBefore, action.plan);
    case "keep":
      return [];
    case "answer":
      return [`answer: ${action.refusal === undefined ? "done" : `refused, ${action.refusal}`}`];
    case "log": {
      const { level, text } = wording(action.message);
      return [`${level}: ${text}`];
    }
  }
}

/** One line per link, with all addresses that it announces. */
export function describeAnnouncements(kernel: SimulatedKernel, announcements: readonly Announcement[]): string[] {
  const byLink = new Map<number, string[]>();
  for (const { index, address } of announcements) byLink.set(index, [...(byLink.get(index) ?? []), address]);
  return [...byLink].map(([index, addresses]) => `announce from ${kernel.nameOf(index)}: ${addresses.join(" ")}`);
}

function verdict(outcome: KernelOutcome | undefined): string {
  if (outcome === undefined) return " => daemon dead";
  return outcome.ok ? "" : ` => ${outcome.code}`;
}

export function describeRequest(kernel: SimulatedKernel, request: KernelRequest): string {
  switch (request.op) {
    case "create-link":
      return `create-link ${request.name}`;
    case "set-setting":
      return `set-setting ${request.link || "namespace"}: ${request.key}=${request.value}`;
    case "restore-settings":
      return `restore-settings ${request.index === 0 ? "namespace" : request.link || "of a link that is gone"}`;
    case "set-address":
    case "remove-address":
      return `${request.op} ${kernel.nameOf(request.index)} ${request.address}/${request.prefixLength}`;
    case "set-next-hop":
      return `set-next-hop ${shortId(request.id)} ${kernel.nameOf(request.index)}${through(request.gateway)}`;
    case "set-next-hop-group":
      return `set-next-hop-group ${shortId(request.id)} = ${request.group.map(shortId).join(" ")}`;
    case "remove-next-hop":
      return `remove-next-hop ${shortId(request.id)}`;
    case "set-route":
      return `${request.replace ? "replace" : "set"}-route ${describeRoute(kernel, request.route)}`;
    case "remove-route":
      return `remove-route ${describeRoute(kernel, request.route)}`;
    default:
      return `${request.op} ${kernel.nameOf(request.index)}`;
  }
}

/** Settings of one link share a line: they are many and always the same. */
function mergeSettings(lines: readonly string[]): string[] {
  const merged: string[] = [];
  for (const line of lines) {
    const [, head, setting] = /^(set-setting [^ ]+:)(.*)$/.exec(line) ?? [];
    const last = merged.length - 1;
    if (head !== undefined && merged[last]?.startsWith(head)) merged[last] += setting;
    else merged.push(line);
  }
  return merged;
}

/** Our ids by their place in our range, strangers' as they are. */
function shortId(id: number): string {
  const ours = id >= OUR_NEXT_HOP_IDS.first && id <= OUR_NEXT_HOP_IDS.last;
  return ours ? `#${id - OUR_NEXT_HOP_IDS.first}` : `${id}`;
}

function through(gateway: string): string {
  return gateway === "" ? "" : ` via ${gateway}`;
}

function describeRoute(kernel: SimulatedKernel, route: Route): string {
  const type = route.type === "unicast" ? "" : `${route.type} `;
  const target = route.nextHopId === 0 ? `dev ${kernel.nameOf(route.index)}` : `by ${shortId(route.nextHopId)}`;
  const metric = route.metric === 0 ? "" : ` metric ${route.metric}`;
  const table =
    route.table === ROUTE_TABLE.main ? "" : ` table ${route.table === ROUTE_TABLE.local ? "local" : route.table}`;
  const source = route.source === "" ? "" : ` src ${route.source}`;
  return `${type}${route.destination} ${target}${metric}${table}${source}`;
}

/** What the host looks like from outside the daemon: links with addresses, next hops, routes; strangers' marked. */
export function describeKernel(kernel: SimulatedKernel): string[] {
  const links = kernel.links
    .filter((link) => link.index !== LOOPBACK_INDEX)
    .map((link) => {
      const state = !link.adminUp ? " (admin down)" : link.carrier ? "" : " (no carrier)";
      return `${link.name}${state}: ${addressesOn(kernel, link.index) || "no address"}`;
    });
  const nextHops = [...kernel.routing.nextHops.values()].sort((a, b) => a.id - b.id);
  const routes = kernel.routing.routes.map((route) => `route ${describeRoute(kernel, route)}${owner(route.protocol)}`);
  return [...links, ...nextHops.map((nextHop) => describeNextHop(kernel, nextHop)), ...routes.sort()];
}

function addressesOn(kernel: SimulatedKernel, index: number): string {
  return kernel.addresses
    .on(index)
    .filter((held) => held.scope !== "link" || held.protocol !== 0)
    .map((held) => `${held.address}/${held.prefixLength}${owner(held.protocol)}`)
    .sort()
    .join(" ");
}

function describeNextHop(kernel: SimulatedKernel, nextHop: NextHop): string {
  const members = nextHop.group.map((id) => `${shortId(id)}`).join(" ");
  const target =
    nextHop.group.length > 0 ? `= ${members}` : `${kernel.nameOf(nextHop.index)}${through(nextHop.gateway)}`;
  return `next hop ${shortId(nextHop.id)} ${target}${owner(nextHop.protocol)}`;
}

function owner(protocol: number): string {
  return protocol === OUR_PROTOCOL ? "" : " (stranger's)";
}
