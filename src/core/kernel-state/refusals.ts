/** What is made of a request that the kernel refused: perhaps a member is barred by it, perhaps somebody has to be told. */
import type { Group } from "../group.ts";
import type { Message } from "../messages.ts";
import { absolve, bar } from "../placement/barring.ts";
import { contains } from "../subnet.ts";
import { KERNELS_PROTOCOL } from "./bypasses.ts";
import { isRouteInTheWay, isUnwritable, sysctlName } from "./causes.ts";
import type { KernelRequest, OtherRoute, Route } from "./kernel-objects.ts";
import type { NextHopIds } from "./next-hop-ids.ts";
import type { Picture } from "./picture.ts";
import { REFUSALS_BEFORE_ACTING, type Refusal, remedyFor, requestText } from "./requests.ts";
import { subjectOf } from "./retries.ts";

/** What can not be set up does not come up either: there is nothing to wait for. */
function endStart(groups: readonly Group[], index: number, now: number): void {
  for (const { members } of groups)
    for (const member of members)
      if (member.link?.index === index && member.startingUntil !== undefined) member.startingUntil = now;
}

/** What is told of refusals: each once when it begins, and once when it is over. */
export class RefusalReport {
  readonly #told = new Set<string>();

  refused(
    refusals: readonly Refusal[],
    groups: readonly Group[],
    picture: Picture,
    ids: NextHopIds,
    now: number,
  ): Message[] {
    const messages = refusals.flatMap((refusal) => {
      const message = takeRefusal(refusal, groups, picture, ids, now);
      const subject = subjectOf(refusal.request);
      if (message === undefined || (message.id === "settings-refused" && this.#told.has(subject))) return [];
      if (message.id === "request-failed" || message.id === "settings-refused") this.#told.add(subject);
      return [message];
    });
    return inOne(messages);
  }

  granted(requests: readonly KernelRequest[], picture: Picture): Message[] {
    const over = requests.filter((request) => this.#told.delete(subjectOf(request)));
    return inOne(
      over.map((request) =>
        request.op === "set-setting"
          ? { id: "settings-taken", settings: [sysctlName(request)] }
          : { id: "request-taken", operation: requestText(request, picture) },
      ),
    );
  }
}

/** All settings of one answer in the first message about any. */
function inOne(messages: readonly Message[]): Message[] {
  const settings = messages.flatMap((message) => settingsOf(message) ?? []);
  const first = messages.find((message) => settingsOf(message) !== undefined);
  return messages.flatMap((message) => {
    if (message === first) return [{ ...message, settings } as Message];
    return settingsOf(message) === undefined ? [message] : [];
  });
}

function settingsOf(message: Message): readonly string[] | undefined {
  return message.id === "settings-refused" || message.id === "settings-taken" ? message.settings : undefined;
}

/** The route of somebody else that stands in the way leaves by a member: the line about it has the remedy, and one cause has one line. */
function isToldAsBypass({ request, code }: Refusal, groups: readonly Group[], { otherRoutes }: Picture): boolean {
  if (!isRouteInTheWay(request, code)) return false;
  const members = new Set(
    groups.flatMap(({ anonymous, members: all }) => (anonymous ? [] : all.map(({ link }) => link?.index))),
  );
  return [...otherRoutes.values()].some(
    (other) =>
      members.has(other.index) && other.metric === request.route.metric && isOfOneAddress(request.route, other),
  );
}

/** It has the place of ours, or came with the address that has brought the one that has: that of the broadcast address. */
function isOfOneAddress({ type, family, destination }: Route, other: OtherRoute): boolean {
  if (type !== "broadcast") return other.family === family && other.destination === destination;
  const [address = "", length] = other.destination.split("/");
  const [broadcast = ""] = destination.split("/");
  const subnet = { family: other.family, address, prefixLength: Number(length) };
  return other.protocol === KERNELS_PROTOCOL && contains(subnet, broadcast);
}

/** What was asked for is granted: who was thought unable is not. */
export function takeGrant(request: KernelRequest, groups: readonly Group[], ids: NextHopIds): void {
  absolve(groups, request);
  if (request.op === "set-next-hop") ids.note(request.id, true);
}

/** Returns what there is to be said of it. */
function takeRefusal(
  refusal: Refusal,
  groups: readonly Group[],
  picture: Picture,
  ids: NextHopIds,
  now: number,
): Message | undefined {
  const { request, code, text, times } = refusal;
  if (request.op === "set-link-up") endStart(groups, request.index, now);
  if (request.op === "set-next-hop") ids.note(request.id, false);
  if (request.op === "create-link") {
    return times === 1 ? { id: "interface-not-made", interface: request.name, code, text } : undefined;
  }
  // That is no race with the kernel, and told of all of them in the first answer it has one line.
  if (isUnwritable(request, code))
    return { id: "settings-refused", code, settings: [`${sysctlName(request)}=${request.value}`] };
  if (times < REFUSALS_BEFORE_ACTING) return undefined;
  const barred = bar(groups, refusal, now);
  if (barred !== undefined || times > REFUSALS_BEFORE_ACTING) return barred?.message;
  if (isToldAsBypass(refusal, groups, picture)) return undefined;
  return {
    id: "request-failed",
    operation: requestText(request, picture),
    code,
    text: text || remedyFor(request, code),
  };
}
