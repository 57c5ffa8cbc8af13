/**
 * A member that the kernel gives no addresses of a family (IPv6 switched off on it, an MTU too small for IPv6) shall not be
 * the host of any, while another can be. It is tried again when something changes on its link, or after a while.
 */
import { type Group, nameOf } from "../group.ts";
import { type KernelNotice, OUR_PROTOCOL } from "../kernel-state/kernel-objects.ts";
import type { Refusal } from "../kernel-state/requests.ts";
import type { Message } from "../messages.ts";

const BARRED_MS = 300_000;

/** Refusals that say something of the link; others (no memory, busy) pass. */
const LASTING = new Set(["EACCES", "EINVAL", "EPERM", "EAFNOSUPPORT", "EOPNOTSUPP"]);

/** Bars the member whose copy of a data address was refused; undefined where it was something else that was refused. */
export function bar(groups: readonly Group[], { request, code, text }: Refusal, now: number): Message | undefined {
  if (request.op !== "set-address" || !LASTING.has(code)) return undefined;
  for (const group of groups) {
    const member = group.members.find((one) => one.link?.index === request.index);
    if (member === undefined || group.hosting.get(request.address) !== nameOf(member)) continue;
    member.barred.set(request.family, now + BARRED_MS);
    const names = { interface: nameOf(member), group: group.configuration.name };
    return { id: "interface-barred", ...names, family: request.family, code, text };
  }
  return undefined;
}

/** Something has changed on a link, and not by our doing. */
export function unbar(groups: readonly Group[], notice: KernelNotice): void {
  const index = changedLink(notice);
  for (const { members } of groups)
    for (const { link, barred } of members) if (link !== undefined && link.index === index) barred.clear();
}

function changedLink(notice: KernelNotice): number | undefined {
  if (notice.kind === "link") return notice.link.index;
  return notice.kind === "address" && notice.address.protocol !== OUR_PROTOCOL ? notice.address.index : undefined;
}

export function endBarring(group: Group, now: number): void {
  for (const { barred } of group.members) for (const [family, until] of barred) if (until <= now) barred.delete(family);
}
