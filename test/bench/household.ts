/** What the host under test is to keep reachable, the same for every contestant. */
import type { FlowPlan } from "../support/flow.ts";
import { ADDRESSES, type Laboratory } from "../support/laboratory.ts";

export interface Household {
  /** Addresses that outlive a failover, with the prefix length of their subnet. */
  readonly dataAddresses: readonly string[];
  /** One that stays on the card: test address of IPMP, source of VRRP's advertisements. */
  readonly cardAddress: (card: number) => string;
  readonly subnets: readonly string[];
  /** Gateways of default routes. */
  readonly gateways: readonly string[];
  /** What the router must have besides its usual addresses. */
  readonly routerLines: readonly string[];
  /** Within which silent failures are to be detected, by probes to these. Default: that of the contestant. */
  readonly probing?: { readonly detectionTime: string; readonly targets: readonly string[] };
}

const DATA = { 4: "192.0.2.10", 6: "2001:db8::10" } as const;

/** One address of each family, and a way out by the router. */
export const ONE_OF_EACH: Household = {
  dataAddresses: [`${DATA[4]}/24`, `${DATA[6]}/64`],
  cardAddress: (card) => `192.0.2.${21 + card}/24`,
  subnets: ["192.0.2.0/24", "2001:db8::/64"],
  gateways: [ADDRESSES.router[4], ADDRESSES.router[6]],
  routerLines: [],
};

/** The same, with a detection time at which a card that is back is believed after some 200 ms, not after 15 s. */
export const SOON_BACK: Household = {
  ...ONE_OF_EACH,
  probing: { detectionTime: "100ms", targets: [ADDRESSES.router[4]] },
};

/** The same, with silent failures detected as fast as ipmpd can. */
export const WATCHED: Household = {
  ...ONE_OF_EACH,
  probing: { detectionTime: "10ms", targets: [ADDRESSES.router[4]] },
};

const THOUSAND = Array.from(
  { length: 1000 },
  (_, index) => `10.77.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
);

/** A thousand IPv4 addresses: what a /24 can not hold. */
export const A_THOUSAND: Household = {
  dataAddresses: THOUSAND.map((address) => `${address}/16`),
  cardAddress: (card) => `10.77.0.${21 + card}/16`,
  subnets: ["10.77.0.0/16"],
  gateways: ["10.77.0.1"],
  routerLines: ["address add 10.77.0.1/16 dev lan"],
  probing: { detectionTime: "100ms", targets: ["10.77.0.1"] },
};

/** Without the prefix length. */
export function bare(address: string): string {
  return address.replace(/\/.*/, "");
}

export function isIpv6(address: string): boolean {
  return address.includes(":");
}

/** In and out, each family: client beyond the router, and host. */
export function fourFlows(): FlowPlan[] {
  return ([4, 6] as const).flatMap((family): FlowPlan[] => {
    const host = { namespace: "host", address: DATA[family] } as const;
    const client = { namespace: "client", address: ADDRESSES.client[family] } as const;
    return [
      { name: `in${family}`, kind: "udp", from: client, to: host },
      { name: `out${family}`, kind: "udp", from: host, to: client },
    ];
  });
}

/** Every fiftieth of the thousand, and the last: few enough to ask each of them every half millisecond. */
export function sampleOfThousand(): FlowPlan {
  const sample = THOUSAND.filter((_, index) => index % 50 === 0 || index === THOUSAND.length - 1);
  const client = { namespace: "client", address: ADDRESSES.client[4] } as const;
  return { name: "sample", kind: "udp", from: client, to: { namespace: "host", address: sample } };
}

/**
 * The card that carries a flow now: outbound as the host's routing table says, inbound as the router's neighbour table
 * does (hardware addresses of the laboratory end in the number of the card).
 */
export async function cardOf(laboratory: Laboratory, { from, to }: FlowPlan): Promise<string> {
  const [destination = "", source = ""] = [to.address, from.address].map((address) => [address].flat()[0] ?? "");
  if (from.namespace === "host") {
    const routes = await laboratory.ipJson<{ dev: string }>("host", "route", "get", destination, "from", source);
    return routes[0]?.dev ?? "";
  }
  return (await inboundCard(laboratory, destination)) ?? "";
}

/** The card by which the router reaches an address; undefined while it does not know. */
export async function inboundCard(laboratory: Laboratory, address: string): Promise<string | undefined> {
  const neighbours = await laboratory.ipJson<{ lladdr?: string }>("router", "neighbour", "show", "to", address);
  const number = neighbours[0]?.lladdr?.split(":").at(-1);
  return number === undefined ? undefined : `eth${Number(number)}`;
}
