/**
 * The laboratory on paper: who is where, and the `ip -batch` lines and settings that make each namespace so.
 *
 *     host eth0..ethN-1 ──cables── sw0..swN-1 switch ── router ── client
 *     (empty: the daemon's realm)         └── peer      192.0.2.1    198.51.100.2
 *                                             192.0.2.2
 */

export type Namespace = "host" | "switch" | "router" | "client" | "peer";

/** How the host's cards are wired to the switch: by the kernel, or by taps that behave like physical cards. */
export type WireKind = "veth" | "tap";

export interface LaboratoryOptions {
  /** Cards of the host, eth0 upwards. */
  readonly nics: number;
  readonly wire: WireKind;
  /** A machine on the host's own link, besides the router. */
  readonly peer: boolean;
  /** False: the host's own link-local addresses are usable at once. True: as by default, after one to two seconds. */
  readonly duplicateAddressDetection: boolean;
  /** What the names of the host's cards end with: `.10` makes eth0.10 of eth0. */
  readonly nameEnd: string;
  /** The host's cards are macvlan links, each on a card of its own at the cable: low0 is under eth0. */
  readonly stacked: boolean;
  /** What the host has before it gets its cards. */
  readonly host: NamespacePlan;
}

/** Addresses of everybody but the host, which gets its own from whoever is under test. */
export const ADDRESSES = {
  router: { 4: "192.0.2.1", 6: "2001:db8::1" },
  peer: { 4: "192.0.2.2", 6: "2001:db8::2" },
  client: { 4: "198.51.100.2", 6: "2001:db8:100::2" },
} as const;

const ROUTER_TO_CLIENTS = { 4: "198.51.100.1", 6: "2001:db8:100::1" } as const;

/** A /proc/sys/net path and its value. */
export type SysctlValue = readonly [path: string, value: string];

/** What a namespace needs: settings first, for links copy them when they are made; then lines for `ip -batch`. */
export interface NamespacePlan {
  readonly settings: readonly SysctlValue[];
  readonly lines: readonly string[];
}

const NO_DETECTION: SysctlValue = ["ipv6/conf/default/accept_dad", "0"];

export function namespacesOf(options: LaboratoryOptions): Namespace[] {
  return ["host", "switch", "router", "client", ...(options.peer ? (["peer"] as const) : [])];
}

export function nicNames({ nics, nameEnd }: LaboratoryOptions): string[] {
  return Array.from({ length: nics }, (_, index) => `eth${index}${nameEnd}`);
}

/** What a cable ends in: the card itself, or the one that it stands on. */
export function cableEnd(nic: string, { stacked }: LaboratoryOptions): string {
  return stacked ? nic.replace(/^eth/, "low") : nic;
}

export function cableEnds(options: LaboratoryOptions): string[] {
  return nicNames(options).map((nic) => cableEnd(nic, options));
}

/** The switch port at the other end of the cable of a card, or of a neighbour. */
export function portOf(end: string): string {
  return /^(eth|low)/.test(end) ? `sw${end.slice(3)}` : `port-${end}`;
}

/** The same for every laboratory, and for a card that comes back: recognisable in a capture. */
function hardwareAddress(nic: string): string {
  const number = Number(/\d+/.exec(nic)?.[0]);
  const [hundreds, rest] = [1 + Math.floor(number / 100), number % 100].map((part) => String(part).padStart(2, "0"));
  return `02:00:00:${nic.startsWith("low") ? "01" : "00"}:${hundreds}:${rest}`;
}

/** Frames that may wait for the cable's process: a pause of this machine must not look like a loss on the wire. */
const QUEUE_FRAMES = 10_000;

/** Makes a veth cable, seen from the switch. */
export function vethLine(nic: string): string {
  return `link add ${portOf(nic)} type veth peer name ${nic} address ${hardwareAddress(nic)} netns host`;
}

/** Brings a switch port into service. */
export function portLine(port: string): string {
  return `link set ${port} master bridge txqueuelen ${QUEUE_FRAMES} up`;
}

/** Brings a card into service, with no address. */
export function cardLines(nic: string): string[] {
  return [`link set ${nic} address ${hardwareAddress(nic)} txqueuelen ${QUEUE_FRAMES}`, `link set ${nic} up`];
}

/** Makes a card that stands on the one at the cable. */
function stackedLines(nic: string, options: LaboratoryOptions): string[] {
  return [`link add link ${cableEnd(nic, options)} name ${nic} type macvlan mode bridge`, ...cardLines(nic)];
}

function addressLines(device: string, addresses: { 4: string; 6: string }): string[] {
  return [
    `link set ${device} up`,
    `address add ${addresses[4]}/24 dev ${device}`,
    `address add ${addresses[6]}/64 dev ${device} nodad`,
  ];
}

function switchPlan(options: LaboratoryOptions): NamespacePlan {
  const nics = cableEnds(options);
  const neighbours = options.peer ? ["router", "peer"] : ["router"];
  return {
    settings: [["ipv6/conf/default/disable_ipv6", "1"]],
    lines: [
      "link add bridge type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
      "link set bridge up",
      ...(options.wire === "veth" ? nics.map(vethLine) : []),
      ...neighbours.map((name) => `link add ${portOf(name)} type veth peer name lan netns ${name}`),
      ...[...nics, ...neighbours].map(portOf).map(portLine),
    ],
  };
}

function routerPlan(): NamespacePlan {
  return {
    settings: [NO_DETECTION, ["ipv4/ip_forward", "1"], ["ipv6/conf/all/forwarding", "1"]],
    lines: [
      "link add wan type veth peer name lan netns client",
      ...addressLines("lan", ADDRESSES.router),
      ...addressLines("wan", ROUTER_TO_CLIENTS),
    ],
  };
}

function clientPlan(): NamespacePlan {
  return {
    settings: [NO_DETECTION],
    lines: [
      ...addressLines("lan", ADDRESSES.client),
      `route add default via ${ROUTER_TO_CLIENTS[4]}`,
      `route add default via ${ROUTER_TO_CLIENTS[6]}`,
    ],
  };
}

function hostPlan(options: LaboratoryOptions): NamespacePlan {
  const { duplicateAddressDetection, stacked, host } = options;
  return {
    settings: [...(duplicateAddressDetection ? [] : [NO_DETECTION]), ...host.settings],
    lines: [
      ...cableEnds(options).flatMap(cardLines),
      ...(stacked ? nicNames(options).flatMap((nic) => stackedLines(nic, options)) : []),
    ],
  };
}

export function planOf(namespace: Namespace, options: LaboratoryOptions): NamespacePlan {
  switch (namespace) {
    case "host":
      return hostPlan(options);
    case "switch":
      return switchPlan(options);
    case "router":
      return routerPlan();
    case "client":
      return clientPlan();
    case "peer":
      return { settings: [NO_DETECTION], lines: addressLines("lan", ADDRESSES.peer) };
  }
}
