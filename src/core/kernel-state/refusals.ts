/** What is made of a request that the kernel refused: perhaps a member is barred by it, perhaps somebody has to be told. */
import type { Group } from "../group.ts";
import type { Message } from "../messages.ts";
import { absolve, bar } from "../placement/barring.ts";
import type { KernelRequest } from "./kernel-objects.ts";
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
    refusal: Refusal,
    groups: readonly Group[],
    picture: Picture,
    ids: NextHopIds,
    now: number,
  ): Message | undefined {
    const message = takeRefusal(refusal, groups, picture, ids, now);
    if (message?.id === "request-failed") this.#told.add(subjectOf(refusal.request));
    return message;
  }

  granted(request: KernelRequest, picture: Picture): Message | undefined {
    if (!this.#told.delete(subjectOf(request))) return undefined;
    return { id: "request-taken", operation: requestText(request, picture) };
  }
}

/** The route of somebody else that stands in the way leaves by a member: the line about it has the remedy, and one cause has one line. */
function isToldAsBypass({ request, code }: Refusal, groups: readonly Group[], { otherRoutes }: Picture): boolean {
  if (request.op !== "set-route" || code !== "EEXIST") return false;
  const members = new Set(
    groups.flatMap(({ anonymous, members: all }) => (anonymous ? [] : all.map(({ link }) => link?.index))),
  );
  const { family, destination, metric } = request.route;
  return [...otherRoutes.values()].some(
    (other) =>
      other.family === family &&
      other.destination === destination &&
      other.metric === metric &&
      members.has(other.index),
  );
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
