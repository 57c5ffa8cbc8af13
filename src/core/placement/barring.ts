/**
 * A member of which the kernel refuses what is asked for of a family (an address, a next hop) shall carry nothing of that family, while
 * another can. It is tried again when something changes on its link, or after a while.
 */
import type { Family } from "../configuration.ts";
import { carryingMembers, type Group, type Member, nameOf } from "../group.ts";
import { type KernelNotice, type KernelRequest, OUR_PROTOCOL } from "../kernel-state/kernel-objects.ts";
import type { Refusal } from "../kernel-state/requests.ts";
import type { Message } from "../messages.ts";

const BARRED_MS = 300_000;

/** Refusals that say something of the link; others (no memory, busy) pass. */
const LASTING = new Set(["EACCES", "EINVAL", "EPERM", "EAFNOSUPPORT", "EOPNOTSUPP"]);

/** What a request asks of a member for the sake of data of a family, or undefined. Its gateway may be what is wrong with a next hop. */
function aimOf(request: KernelRequest): { readonly index: number; readonly family: Family } | undefined {
  if (request.op === "set-address") return request;
  return request.op === "set-next-hop" && request.gateway === "" ? request : undefined;
}

/**
 * Bars the member of whose link something was refused for good. Returns what there is to be said, once until something of that
 * family is granted there; undefined where nobody is barred.
 */
export function bar(
  groups: readonly Group[],
  { request, code, text }: Refusal,
  now: number,
): { readonly message: Message | undefined } | undefined {
  const aim = aimOf(request);
  if (aim === undefined || !LASTING.has(code)) return undefined;
  for (const group of groups) {
    const member = group.members.find((one) => one.link?.index === aim.index);
    if (member === undefined) continue;
    return { message: barMember(group, member, aim.family, { code, text }, now) };
  }
  return undefined;
}

function barMember(
  group: Group,
  member: Member,
  family: Family,
  { code, text }: { readonly code: string; readonly text: string },
  now: number,
): Message | undefined {
  const isNews = !member.refused.has(family);
  member.barred.set(family, now + BARRED_MS);
  member.refused.set(family, `the kernel refuses it: ${code}${text === "" ? "" : ` (${text})`}`);
  if (!isNews) return undefined;
  const others = carryingMembers(group, family).some((other) => !other.barred.has(family));
  const names = { interface: nameOf(member), group: group.configuration.name };
  return { id: "interface-barred", ...names, family, others, code, text };
}

/** What was refused of a family before is granted now: the member is as good as the others. */
export function absolve(groups: readonly Group[], request: KernelRequest): void {
  const aim = aimOf(request);
  for (const { members } of groups)
    for (const { link, barred, refused } of members)
      if (aim !== undefined && link?.index === aim.index && !barred.has(aim.family)) refused.delete(aim.family);
}

/**
 * Something has changed on a link, and not by our doing. Returns its index, where it is that of a member: there what was refused may be
 * granted now. 0: a stranger's route has gone, and so may what stood in the way of ours.
 */
export function unbar(groups: readonly Group[], notice: KernelNotice): number | undefined {
  if (notice.kind === "other-route-removed") return 0;
  const index = changedLink(notice);
  const member = groups
    .flatMap(({ members }) => members)
    .find(({ link }) => link !== undefined && link.index === index);
  member?.barred.clear();
  return member?.link?.index;
}

function changedLink(notice: KernelNotice): number | undefined {
  if (notice.kind === "link") return notice.link.index;
  return notice.kind === "address" && notice.address.protocol !== OUR_PROTOCOL ? notice.address.index : undefined;
}

export function endBarring(group: Group, now: number): void {
  for (const { barred } of group.members) for (const [family, until] of barred) if (until <= now) barred.delete(family);
}
