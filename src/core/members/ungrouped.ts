/** The anonymous group: interfaces that are in no group, watched so that their failures are reported. */
import type { Configuration, GroupConfiguration } from "../configuration.ts";
import { familiesOf, type Group, nameOf } from "../group.ts";
import { isOurLink } from "../kernel-state/group-interface.ts";
import type { Link } from "../kernel-state/kernel-objects.ts";
import type { Picture } from "../kernel-state/picture.ts";
import type { Message } from "../messages.ts";

/** Never probed, and never moved: only the flap limit means something here. */
const ANONYMOUS: Omit<GroupConfiguration, "members"> = {
  name: "",
  groupInterface: false,
  failback: true,
  addresses: [],
  routes: [],
  spread: "l3",
  failureDetectionTimeMs: 10_000,
  failureDetectionTimeCapMs: 100_000,
  failOn: "all-families",
  flapLimit: { count: 2, windowMs: 60_000 },
  linkUpDelayMs: 0,
  transitiveProbing: false,
  targets: [],
};

/** The anonymous group as it should be now, or undefined where ungrouped interfaces are not to be watched. */
export function ungrouped({ trackUngrouped, groups }: Configuration, picture: Picture): GroupConfiguration | undefined {
  if (!trackUngrouped) return undefined;
  const taken = new Set(groups.flatMap(({ members }) => members.map(({ name }) => name)));
  const links = [...picture.links.values()].filter((link) => isTrackable(link) && !taken.has(link.name));
  const members = links.map(({ name }) => ({ name, standby: false, testAddresses: [] }));
  return { ...ANONYMOUS, members };
}

/** Those that the kernel has no more: they are about to leave the group without being asked. */
export function tellGone(group: Group, picture: Picture, log: (message: Message) => void): void {
  for (const member of group.members) {
    const { link } = member;
    const isGone = link !== undefined && !picture.links.has(link.index) && picture.linkNamed(link.name) === undefined;
    if (!isGone) continue;
    for (const family of familiesOf(group))
      log({ id: "interface-removed", interface: nameOf(member), group: "", family });
  }
}

/** As in Solaris: no loopback, no tunnel to one peer, no group interface. */
function isTrackable(link: Link): boolean {
  return link.multicast && !link.loopback && !link.pointToPoint && !isOurLink(link);
}
