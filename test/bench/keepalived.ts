/**
 * The peer: keepalived on the same host, one VRRP instance on each of the first two cards, both for the same addresses.
 * See docs/benchmarks.md for why this is its best form.
 */
import { writeFileSync } from "node:fs";
import type { Laboratory } from "../support/laboratory.ts";
import { waitFor } from "../support/wait-for.ts";
import { type Contestant, type Entrant, listen, untilPlaced } from "./contestant.ts";
import { bare, type Household, inboundCard, isIpv6 } from "./household.ts";

const CARDS = ["eth0", "eth1"] as const;
const SETTLE_DEADLINE_MS = 30_000;

export const KEEPALIVED: Entrant = { name: "keepalived", prepare, launch };

/** Settings without which two instances on one host do not hear each other, or traffic leaves by the dead card. */
const SETTINGS = [
  "ipv4/conf/all/arp_ignore=1",
  "ipv4/conf/all/arp_announce=2",
  "ipv4/conf/all/rp_filter=0",
  "ipv4/conf/all/ignore_routes_with_linkdown=1",
  "ipv6/conf/all/ignore_routes_with_linkdown=1",
  ...CARDS.flatMap((card) => [
    `ipv4/conf/${card}/accept_local=1`,
    `ipv4/conf/${card}/rp_filter=0`,
    `ipv4/conf/${card}/ignore_routes_with_linkdown=1`,
    `ipv6/conf/${card}/ignore_routes_with_linkdown=1`,
    `ipv6/conf/${card}/accept_ra=0`,
  ]),
];

async function prepare(laboratory: Laboratory, household: Household): Promise<void> {
  const input = SETTINGS.map((setting) => {
    const [path, value] = setting.split("=");
    return `echo ${value} >/proc/sys/net/${path}\n`;
  }).join("");
  await laboratory.run("host", ["sh", "-e"], { input });
  await laboratory.ip(
    "host",
    CARDS.flatMap((card, index) => cardLines(household, card, index)),
  );
  writeFileSync(configurationFile(laboratory), configuration(household));
}

/** Both cards know all ways; the first is preferred while its link is up. */
function cardLines({ cardAddress, subnets, gateways }: Household, card: string, index: number): string[] {
  const metric = `metric ${10 + index}`;
  return [
    `address add ${cardAddress(index)} dev ${card} noprefixroute`,
    ...subnets.map((subnet) => `route add ${subnet} dev ${card} ${metric}`),
    ...gateways.map((via) => `route add ${isIpv6(via) ? "::/0" : "0.0.0.0/0"} via ${via} dev ${card} ${metric}`),
  ];
}

function configurationFile(laboratory: Laboratory): string {
  return `${laboratory.directory}/keepalived.conf`;
}

/** More than this many addresses do not fit into one advertisement. */
const ADVERTISED = 1;

/**
 * Real-time class as our own thread has it; with its default time limit it would be killed at a thousand addresses. After a
 * black hole there are two masters, and with the default delay neighbours would hear for five seconds of the wrong one.
 */
const GLOBAL = `global_defs {
  vrrp_rt_priority 10
  vrrp_rlimit_rttime 100000000
  vrrp_garp_lower_prio_delay 1
}
`;

function configuration({ dataAddresses }: Household): string {
  const lines = (card: string, addresses: readonly string[]) =>
    addresses.map((address) => `    ${bare(address)}/${isIpv6(address) ? 128 : 32} dev ${card}`).join("\n");
  const instances = CARDS.map(
    (card, index) => `vrrp_instance ${card} {
  version 3
  state BACKUP
  nopreempt
  interface ${card}
  virtual_router_id 10
  priority ${254 - index}
  advert_int 0.01
  virtual_ipaddress {
${lines(card, dataAddresses.slice(0, ADVERTISED))}
  }
  virtual_ipaddress_excluded {
${lines(card, dataAddresses.slice(ADVERTISED))}
  }
}
`,
  );
  return [GLOBAL, ...instances].join("");
}

function launch(laboratory: Laboratory, household: Household): Contestant {
  const { directory } = laboratory;
  const files = [
    "-f",
    configurationFile(laboratory),
    "-p",
    `${directory}/keepalived.pid`,
    "-r",
    `${directory}/vrrp.pid`,
  ];
  const words = ["keepalived", "--dont-fork", "--log-console", "--vrrp", ...files];
  const child = laboratory.spawn("host", words, { stdio: ["ignore", "pipe", "pipe"] });
  const states = new Map<string, string>();
  let takeovers = 0;
  const lastWords = listen(child, (line) => {
    const [, instance, state] = /\((\w+)\) Entering (\w+) STATE/.exec(line) ?? [];
    if (instance !== undefined && state !== undefined) states.set(instance, state);
    if (state === "MASTER") takeovers++;
  });
  return {
    child,
    lastWords,
    failures: () => takeovers,
    settled: async () => {
      const wanted = (seen: readonly string[]) => seen.join() === "BACKUP,MASTER";
      await waitFor("a master and a backup", () => [...states.values()].sort(), wanted, SETTLE_DEADLINE_MS);
      await untilPlaced(laboratory, household);
      const [master] = [...states].find(([, state]) => state === "MASTER") ?? [];
      const told = (card: string | undefined) => card === undefined || card === master;
      const looked = () => inboundCard(laboratory, bare(household.dataAddresses[0] ?? ""));
      await waitFor(`the router to know that ${master} is the master`, looked, told, SETTLE_DEADLINE_MS);
    },
  };
}
