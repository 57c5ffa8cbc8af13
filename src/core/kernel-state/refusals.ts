/** What is made of a request that the kernel refused: perhaps a member is barred by it, perhaps somebody has to be told. */
import type { Group } from "../group.ts";
import type { Message } from "../messages.ts";
import { bar } from "../placement/barring.ts";
import type { Picture } from "./picture.ts";
import { type Refusal, remedyFor, requestText } from "./requests.ts";

/** From this refusal on in succession: a single one is often a race with the kernel itself, and heals by itself. */
const REFUSALS_BEFORE_ACTING = 2;

/** What can not be set up does not come up either: there is nothing to wait for. */
function endStart(groups: readonly Group[], index: number, now: number): void {
  for (const { members } of groups)
    for (const member of members)
      if (member.link?.index === index && member.startingUntil !== undefined) member.startingUntil = now;
}

/** Returns what there is to be said of it. */
export function takeRefusal(
  refusal: Refusal,
  groups: readonly Group[],
  picture: Picture,
  now: number,
): Message | undefined {
  const { request, code, text, times } = refusal;
  if (request.op === "set-link-up") endStart(groups, request.index, now);
  if (request.op === "create-link") {
    return times === 1 ? { id: "interface-not-made", interface: request.name, code, text } : undefined;
  }
  if (times < REFUSALS_BEFORE_ACTING) return undefined;
  const barred = bar(groups, refusal, now);
  if (barred !== undefined || times > REFUSALS_BEFORE_ACTING) return barred;
  return {
    id: "request-failed",
    operation: requestText(request, picture),
    code,
    text: text || remedyFor(request, code),
  };
}
