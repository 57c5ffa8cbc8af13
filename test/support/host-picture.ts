/** What is really in the host's kernel, read by `ip` (not by us), as lines that a person can compare. */
import { OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import type { Laboratory, Namespace } from "./laboratory.ts";
import { waitFor } from "./wait-for.ts";

interface ShownAddress {
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  readonly deprecated?: boolean;
}

interface ShownLink {
  readonly ifname: string;
  readonly addr_info: readonly ShownAddress[];
}

interface ShownNextHop {
  readonly id: number;
  readonly dev?: string;
  readonly gateway?: string;
  readonly group?: readonly { readonly id: number }[];
}

interface ShownRoute {
  readonly type?: string;
  readonly dst: string;
  readonly nhid?: number;
  readonly dev?: string;
  readonly metric?: number;
  readonly prefsrc?: string;
}

/** The kernel makes its own link-local addresses of hardware addresses; test addresses of the laboratory have no such form. */
const OF_HARDWARE_ADDRESS = /ff:fe[0-9a-f]{2}:[0-9a-f]+$/;

/** Addresses of all links but lo and the link-locals that the kernel gives by itself: `192.0.2.10/32 eth0`. */
export async function hostAddresses(laboratory: Laboratory, namespace: Namespace = "host"): Promise<string[]> {
  const links = await laboratory.ipJson<ShownLink>(namespace, "address");
  const lines = links.flatMap(({ ifname, addr_info }) =>
    addr_info
      .filter(({ scope, local }) => scope !== "host" && !(scope === "link" && OF_HARDWARE_ADDRESS.test(local)))
      .map(({ local, prefixlen, scope, deprecated }) => {
        const marks = `${scope === "link" ? " link" : ""}${deprecated ? " deprecated" : ""}`;
        return `${local}/${prefixlen} ${ifname}${marks}`;
      }),
  );
  return lines.sort();
}

/** Routes of ours, next hops resolved to devices: `default metric 10000 via 192.0.2.1 dev eth0 eth1 src 192.0.2.10`. */
export async function hostRoutes(laboratory: Laboratory): Promise<string[]> {
  const ours = ["protocol", String(OUR_PROTOCOL)];
  const [nextHops, routes] = await Promise.all([
    laboratory.ipJson<ShownNextHop>("host", "nexthop"),
    laboratory.ipJson<ShownRoute>("host", "route", "show", "table", "all", ...ours),
  ]);
  const byId = new Map(nextHops.map((nextHop) => [nextHop.id, nextHop]));
  const lines = routes.map((route) => routeLine(route, byId));
  // `ip` shows routes of IPv6 in each table that it is asked for, and so twice.
  return [...new Set(lines)].sort();
}

function routeLine(route: ShownRoute, nextHops: ReadonlyMap<number, ShownNextHop>): string {
  const top = nextHops.get(route.nhid ?? 0);
  const singles = top?.group?.map(({ id }) => nextHops.get(id)) ?? [top];
  const devices = route.dev === undefined ? singles.map((single) => single?.dev ?? "?").sort() : [route.dev];
  const gateway = singles[0]?.gateway;
  const words = [
    route.type ?? "",
    route.dst,
    route.metric === undefined ? "" : `metric ${route.metric}`,
    gateway === undefined ? "" : `via ${gateway}`,
    `dev ${devices.join(" ")}`,
    route.prefsrc === undefined ? "" : `src ${route.prefsrc}`,
  ];
  return words.filter((word) => word !== "").join(" ");
}

export interface HostPicture {
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
}

export async function hostPicture(laboratory: Laboratory): Promise<HostPicture> {
  const [addresses, routes] = await Promise.all([hostAddresses(laboratory), hostRoutes(laboratory)]);
  return { addresses, routes };
}

/** Waits until the kernel is as wanted; what is there instead is in the error. */
export async function untilHost(laboratory: Laboratory, wanted: HostPicture): Promise<void> {
  const lines = linesOf(wanted);
  await waitFor(
    "the kernel to be as wanted",
    async () => {
      const seen = linesOf(await hostPicture(laboratory));
      return {
        missing: lines.filter((line) => !seen.includes(line)),
        surplus: seen.filter((line) => !lines.includes(line)),
      };
    },
    ({ missing, surplus }) => missing.length + surplus.length === 0,
  );
}

function linesOf({ addresses, routes }: HostPicture): string[] {
  return [...addresses, ...routes];
}

/** Ids of our next hops with their devices or members, in order: what a restarted daemon must keep. */
export async function nextHopLines(laboratory: Laboratory): Promise<string[]> {
  const shown = await laboratory.ipJson<ShownNextHop>("host", "nexthop", "show", "protocol", String(OUR_PROTOCOL));
  return shown.map(({ id, dev, gateway = "", group = [] }) => `${id} ${dev ?? group.map((one) => one.id)} ${gateway}`);
}

const DUMPED_SYSCTLS = [
  "arp_filter",
  "disable_ipv6",
  "forwarding",
  "ip_forward",
  "ignore_routes_with_linkdown",
  "arp_ignore",
  "arp_announce",
  "rp_filter",
  "accept_ra",
  "nexthop_compat_mode",
  "fib_multipath_hash_policy",
];

/** The lines of a dump that do not speak of this card: one that was put in anew has another index and other neighbours. */
export function without(card: string, dump: readonly string[]): string[] {
  return dump.filter((line) => !line.includes(card));
}

/** Everything of a namespace that we could have changed, in any order: equal before and after, if nobody did. */
export async function dumpOf(laboratory: Laboratory, namespace: Namespace): Promise<string[]> {
  const show = async (...words: string[]) =>
    (await laboratory.ipJson(namespace, ...words)).map((entry) => `${words.join(" ")}: ${JSON.stringify(entry)}`);
  const files = DUMPED_SYSCTLS.map((name) => `--include=${name}`);
  const dumps = await Promise.all([
    show("-details", "address"),
    show("nexthop"),
    show("-4", "rule"),
    show("-6", "rule"),
    show("-4", "route", "show", "table", "all"),
    show("-6", "route", "show", "table", "all"),
    laboratory.run(namespace, ["grep", "-r", ".", ...files, "/proc/sys/net/"]).then(({ stdout }) => stdout.split("\n")),
  ]);
  return dumps.flat().sort();
}
