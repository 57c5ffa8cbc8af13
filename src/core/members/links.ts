/** What a link tells of the member that stands on it. */
import type { KernelNotice, Link } from "../kernel-state/kernel-objects.ts";

/** A link changed between up and down, in the order in which the kernel reported it. */
export interface LinkChange {
  readonly index: number;
  readonly up: boolean;
}

/** For trying things out: they never have ARP, and lead nowhere in any case. */
const KINDS_WITHOUT_ARP = new Set(["dummy", "ifb"]);

/**
 * Can it carry addresses of its own? A carrier is not enough: the link has to run, too. And one that belongs to a bridge or bond can
 * not, whatever its state. The carrier watch speaks of carriers alone, ahead of the kernel's own notice: that a link runs holds until
 * the kernel says otherwise, so that a loss counts at once, and a gain when the link runs.
 */
export function isUp(link: Link): boolean {
  return link.adminUp && link.carrier && link.running && link.master === 0 && !isWithoutArp(link);
}

/** Somebody has switched ARP off (`ip link set arp off`), and with it neighbour discovery: no neighbour is asked, and none is answered. */
export function isWithoutArp({ noArp, kind }: Link): boolean {
  return noArp && !KINDS_WITHOUT_ARP.has(kind);
}

/** After such a notice other things may be gone, which the kernel does not tell. */
export function isLoss(notice: KernelNotice): boolean {
  if (notice.kind === "link") return !isUp(notice.link);
  if (notice.kind === "carrier") return !notice.carrier;
  return notice.kind.endsWith("-removed");
}
