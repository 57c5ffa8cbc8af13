/** The group that most namespace tests work with, its traffic, and what it must look like in the kernel. */
import type { DaemonSnapshot } from "../../src/control/client.ts";
import type { FlowPlan } from "./flow.ts";
import type { HostPicture } from "./host-picture.ts";
import { ADDRESSES } from "./laboratory.ts";

/** Its data addresses; traffic goes to the first of each family. */
export const DATA = { first: "192.0.2.10", second: "192.0.2.11", six: "2001:db8::10" } as const;

export interface StandardOptions {
  /** YAML of the members. Default: two active ones and a standby. */
  readonly interfaces?: string;
  readonly failback?: boolean;
  readonly groupInterface?: boolean;
}

export const TWO_AND_STANDBY = "{ eth0: , eth1: , eth2: { standby: true } }";
export const ONE_AND_STANDBY = "{ eth0: , eth1: { standby: true } }";

export function standardConfiguration(options: StandardOptions = {}): string {
  const { interfaces = TWO_AND_STANDBY, failback = true, groupInterface = true } = options;
  return [
    "groups:",
    "  ipmp0:",
    `    interfaces: ${interfaces}`,
    `    failback: ${failback}`,
    `    group-interface: ${groupInterface}`,
    `    addresses: [${DATA.first}/24, ${DATA.second}/24, "${DATA.six}/64"]`,
    "    routes:",
    `      - { to: default, via: ${ADDRESSES.router[4]} }`,
    `      - { to: default, via: "${ADDRESSES.router[6]}" }`,
    // The tests pull the same cable more often than an administrator would.
    "    flap-limit: off",
    "",
  ].join("\n");
}

/** Who does what, as the kernel should show it. */
export interface Division {
  /** Hosting members of 192.0.2.10, 192.0.2.11 and 2001:db8::10. */
  readonly hosts: readonly [first: string, second: string, six: string];
  /** Members that carry data, and all that function. */
  readonly carrying: readonly string[];
  readonly functioning: readonly string[];
  /** The member that broadcasts leave by: the one active longest. */
  readonly nominated: string;
}

/** One member does everything. */
export function allBy(member: string, functioning: readonly string[] = [member]): Division {
  return { hosts: [member, member, member], carrying: [member], functioning, nominated: member };
}

/** The division of labour of a group of eth0, eth1 and standby eth2 that has just begun to work. */
export const AT_FIRST: Division = {
  hosts: ["eth0", "eth1", "eth0"],
  carrying: ["eth0", "eth1"],
  functioning: ["eth0", "eth1", "eth2"],
  nominated: "eth0",
};

/** The kernel of a host whose standard group has a group interface. */
export function standardPicture(division: Division): HostPicture {
  const anchors = [`${DATA.first}/32 ipmp0`, `${DATA.second}/32 ipmp0`, `${DATA.six}/128 ipmp0`];
  return { addresses: [...anchors, ...copies(division)], routes: routes(division) };
}

/** The same for a group without one. */
export function anchoredPicture(division: Division): HostPicture {
  const anchors = [
    `local ${DATA.first} metric 1024 dev lo`,
    `local ${DATA.second} metric 1024 dev lo`,
    `local ${DATA.six} metric 1024 dev lo`,
  ];
  return { addresses: copies(division), routes: [...anchors, ...routes(division)] };
}

/** The kernel while no member functions: the addresses are there, and nothing leads anywhere. */
export const ALL_FAILED: HostPicture = {
  addresses: [`${DATA.first}/32 ipmp0`, `${DATA.second}/32 ipmp0`, `${DATA.six}/128 ipmp0`],
  routes: [],
};

function copies({ hosts: [first, second, six] }: Division): string[] {
  return [`${DATA.first}/32 ${first}`, `${DATA.second}/32 ${second}`, `${DATA.six}/128 ${six}`];
}

function routes({ carrying, functioning, nominated }: Division): string[] {
  const primary = `dev ${carrying.join(" ")}`;
  const backup = `dev ${functioning.join(" ")}`;
  const router = ADDRESSES.router;
  return [
    `broadcast 192.0.2.255 dev ${nominated} src ${DATA.first}`,
    `192.0.2.0/24 ${primary} src ${DATA.first}`,
    `192.0.2.0/24 metric 10000 ${backup} src ${DATA.first}`,
    `default via ${router[4]} ${primary} src ${DATA.first}`,
    `default metric 10000 via ${router[4]} ${backup} src ${DATA.first}`,
    `2001:db8::/64 metric 128 ${primary} src ${DATA.six}`,
    `2001:db8::/64 metric 10128 ${backup} src ${DATA.six}`,
    `default metric 1024 via ${router[6]} ${primary} src ${DATA.six}`,
    `default metric 11024 via ${router[6]} ${backup} src ${DATA.six}`,
  ];
}

/** UDP and TCP between host and client, both families, opened from either side. */
export function standardFlows(): FlowPlan[] {
  return ([4, 6] as const).flatMap((family) =>
    (["udp", "tcp"] as const).flatMap((kind): FlowPlan[] => {
      const host = { namespace: "host", address: family === 4 ? DATA.first : DATA.six } as const;
      const client = { namespace: "client", address: ADDRESSES.client[family] } as const;
      return [
        { name: `${kind}-in-${family}`, kind, from: client, to: host },
        { name: `${kind}-out-${family}`, kind, from: host, to: client },
      ];
    }),
  );
}

/** The state of the group and of each member, in words: `degraded: eth0 failed, eth1 active, eth2 inactive`. */
export function summary({ groups, interfaces }: DaemonSnapshot): string {
  const members = [...interfaces]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((member) => {
      const standing = member.active ? "active" : "inactive";
      return `${member.name} ${member.state === "ok" ? standing : member.state}`;
    });
  return `${groups[0]?.state}: ${members.join(", ")}`;
}
