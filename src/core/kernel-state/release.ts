/** What a release takes away, worked out from the picture of the kernel alone, and in words. */
import { surplus } from "./difference.ts";
import { isOurLink } from "./group-interface.ts";
import { type KernelPicture, type KernelRequest, type Link, OUR_PROTOCOL, type Route } from "./kernel-objects.ts";
import { Picture } from "./picture.ts";
import { nothingWanted } from "./wanted.ts";

export interface ReleasePlan {
  /** One thing each: `address 192.0.2.10/32 of eth0`. */
  readonly taken: readonly string[];
  /** One link each, with the settings that it gets back: `ipv4.arp_ignore, ipv4.rp_filter of eth0`. */
  readonly putBack: readonly string[];
  /** Links that were members and stay up. */
  readonly leftUp: readonly string[];
}

/** Where nothing is wanted all that is ours is surplus. */
export function releasePlan(seen: KernelPicture): ReleasePlan {
  const picture = new Picture();
  picture.replace(seen);
  const requests = surplus(picture, nothingWanted());
  const nameOf = (index: number) => picture.links.get(index)?.name ?? `link ${index}`;
  return {
    taken: [...requests.flatMap((request) => takenText(request, nameOf)), ...nextHopsText(requests, picture)],
    putBack: requests.flatMap((request) => (request.op === "restore-settings" ? settingsText(request) : [])),
    leftUp: [...picture.links.values()]
      .filter((link) => wasMember(link, picture) && link.adminUp)
      .map(({ name }) => name),
  };
}

function takenText(request: KernelRequest, nameOf: (index: number) => string): string[] {
  switch (request.op) {
    case "remove-link":
      return [`group interface ${nameOf(request.index)}`];
    case "remove-address":
      return [`address ${request.address}/${request.prefixLength} of ${nameOf(request.index)}`];
    case "remove-route":
      return [routeText(request.route)];
    default:
      return [];
  }
}

function routeText({ type, destination, metric }: Route): string {
  const to = /^(0\.0\.0\.0|::)\/0$/.test(destination) ? `default (${destination})` : destination;
  return `${type === "unicast" ? "" : `${type} `}route ${to} metric ${metric}`;
}

/** Nobody knows them by their numbers. */
function nextHopsText(requests: readonly KernelRequest[], { nextHops }: Picture): string[] {
  const ids = new Set(requests.flatMap((request) => (request.op === "remove-next-hop" ? [request.id] : [])));
  const groups = [...nextHops.values()].filter(({ id, group }) => ids.has(id) && group.length > 0).length;
  return [...counted(groups, "next-hop group"), ...counted(ids.size - groups, "next hop")];
}

function counted(count: number, noun: string): string[] {
  return count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`];
}

function settingsText({ link, index, keys }: Extract<KernelRequest, { op: "restore-settings" }>): string[] {
  // What a link had that is gone went with it.
  if (link === "" && index !== 0) return [];
  return [`${keys.join(", ")} of ${link === "" ? "the namespace" : link}`];
}

/** Its settings were ours, or an address on it is. */
function wasMember(link: Link, { kept, addresses }: Picture): boolean {
  if (isOurLink(link)) return false;
  const isHost = [...addresses.values()].some(
    ({ index, protocol }) => index === link.index && protocol === OUR_PROTOCOL,
  );
  return isHost || kept.has(link.index);
}
