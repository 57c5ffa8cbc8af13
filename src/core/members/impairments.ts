/**
 * What keeps a group from being as good as its members are: a family that a member can not carry, and what the kernel keeps refusing.
 * Such a group is not ok, and people are told why.
 */
import type { Family } from "../configuration.ts";
import {
  carrierOf,
  carryingMembers,
  type Group,
  type Impairments,
  isFunctioning,
  nameOf,
  shownState,
} from "../group.ts";
import { isRouteInTheWay, isUnwritable, sysctlName } from "../kernel-state/causes.ts";
import { BACKUP_METRIC_STEP, onLinkRoutes } from "../kernel-state/group-routes.ts";
import type { KernelRequest, Route } from "../kernel-state/kernel-objects.ts";
import { type Picture, routeKey } from "../kernel-state/picture.ts";
import { type Complaint, requestText } from "../kernel-state/requests.ts";
import { firstOf } from "../message-words.ts";
import type { Message } from "../messages.ts";
import { impedimentOf } from "./families.ts";
import { isAbsent, isOffline } from "./interface-state.ts";

/** More would help nobody. */
const MOST_REASONS = 8;
/** So many of the things that one cause keeps from the group are named. */
const MOST_NAMES = 3;

/**
 * Notes them in the group, and says so when they begin, when they get worse or better, and when they are over. To be called while nothing is asked
 * of the kernel for this group.
 */
export function noteImpairments(
  group: Group,
  complaints: readonly Complaint[],
  picture: Picture,
  log: (message: Message) => void,
): void {
  // What is about to be read is neither news nor the end of any.
  if (group.anonymous || group.members.some(({ lacks }) => [...lacks.values()].includes(""))) return;
  const before = group.impairments;
  const reasons = [...familyReasons(group), ...refusalReasons(complaints, picture)];
  group.impairments = {
    reasons: reasons.length > MOST_REASONS ? [...reasons.slice(0, MOST_REASONS), "and more"] : reasons,
    cutOff: familiesOfData(group).filter((family) => isCutOff(group, family, complaints, picture)),
    refused: new Set(complaints.flatMap(({ request }) => (request.op === "set-address" ? [request.address] : []))),
  };
  tell(group, before, log);
}

function tell(group: Group, before: Impairments, log: (message: Message) => void): void {
  const name = group.configuration.name;
  const { reasons, cutOff } = group.impairments;
  const isNews = before.reasons.length === 0 || before.cutOff.length > 0 !== cutOff.length > 0;
  if (reasons.length > 0 && isNews) log({ id: "group-impaired", group: name, state: shownState(group), reasons });
  if (reasons.length === 0 && before.reasons.length > 0) log({ id: "group-unimpaired", group: name });
}

function familiesOfData({ configuration }: Group): Family[] {
  return ([4, 6] as const).filter((family) => configuration.addresses.some((address) => address.family === family));
}

function familyReasons(group: Group): string[] {
  const present = group.members.filter(({ state }) => !isAbsent(state) && !isOffline(state));
  return familiesOfData(group).flatMap((family) => {
    const reasons = present.flatMap((member) => {
      const impediment = impedimentOf(member, family);
      return impediment === undefined ? [] : [`${nameOf(member)} can not carry IPv${family}: ${impediment}`];
    });
    return isUncarried(group, family) ? [`no functioning member can carry IPv${family}`, ...reasons] : reasons;
  });
}

/** Somebody functions, and nobody who does can carry this family: at best one that has failed is left with it. */
function isUncarried(group: Group, family: Family): boolean {
  return group.members.some(isFunctioning) && !carryingMembers(group, family).some(isFunctioning);
}

/** One cause is one reason, however many requests it stops. */
function refusalReasons(complaints: readonly Complaint[], picture: Picture): string[] {
  const counted = new Map<string, { text: string; count: number }>();
  for (const { request, words } of complaints) {
    if (isMadeGood(request) || isRouteInTheWay(request, words) || isUnwritable(request, words)) continue;
    const text = requestText(request, picture);
    const key = request.op === "set-address" ? `${request.index} ${request.family} ${words}` : text;
    const first = counted.get(key) ?? { text: `the kernel refuses ${text}: ${words}`, count: 0 };
    counted.set(key, { ...first, count: first.count + 1 });
  }
  const others = [...counted.values()].map(({ text, count }) =>
    count > 1 ? `${text}, and ${count - 1} more like it` : text,
  );
  return [...routeReasons(complaints, picture), ...settingReasons(complaints), ...others];
}

function routeReasons(complaints: readonly Complaint[], picture: Picture): string[] {
  const inTheWay = complaints.filter(({ request, words }) => isRouteInTheWay(request, words));
  if (inTheWay.length === 0) return [];
  const routes = inTheWay.map(({ request }) => requestText(request, picture).replace("set-route ", ""));
  const remedy = "remove them, and the addresses that they came with";
  return [`routes that are not ours stand in the way of ${firstOf(routes, MOST_NAMES)}: ${remedy}`];
}

/** The line that tells of the refusal has the remedy. */
function settingReasons(complaints: readonly Complaint[]): string[] {
  const names = complaints.flatMap(({ request, words }) => (isUnwritable(request, words) ? sysctlName(request) : []));
  return names.length === 0 ? [] : [`settings can not be written: ${firstOf(names, MOST_NAMES)}`];
}

/** Without an interface of its own a group has its addresses on the loopback: nothing is missing for that. */
function isMadeGood({ op }: KernelRequest): boolean {
  return op === "create-link";
}

/** There is no way at all, neither in nor out. */
function isCutOff(group: Group, family: Family, complaints: readonly Complaint[], picture: Picture): boolean {
  if (isUncarried(group, family)) return true;
  const isOfFamily = (one: { readonly family: Family }) => one.family === family;
  const refused = complaints.map(({ request }) => request);
  const routes = onLinkRoutes(group).filter(isOfFamily);
  const isWithoutRoutes = routes.length > 0 && !routes.some((route) => isInPlace(route, picture));
  if (isWithoutRoutes && refused.length > 0 && carryingMembers(group, family).length > 0) return true;
  const addresses = group.configuration.addresses.filter(isOfFamily);
  const isRefused = (text: string) => refused.some((one) => one.op === "set-address" && one.address === text);
  return addresses.every(({ address }) => isRefused(address) && carrierOf(group, address, picture) === undefined);
}

/** It, or the one that the kernel falls back on. */
function isInPlace(route: Route, picture: Picture): boolean {
  const backup = { ...route, metric: route.metric + BACKUP_METRIC_STEP };
  return [route, backup].some((one) => picture.routes.has(routeKey(one)));
}
