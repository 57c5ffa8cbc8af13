/** Routes that the kernel would refuse, that would lead nowhere, or that would replace each other. */
import { bitsOf, type IpAddress, isLinkLocal6, subnetOf, unfitBeside } from "../addresses.ts";
import type { DraftDataAddress, DraftGroup, DraftRoute } from "../draft.ts";
import type { Findings } from "./findings.ts";
import { OwnAddresses, onSubnet } from "./own-addresses.ts";

/** `formIsRight`: the whole file could be read, so that what is not there is truly missing. */
export function checkRoutes(groups: readonly DraftGroup[], formIsRight: boolean, findings: Findings): void {
  const own = new OwnAddresses(groups);
  const subnets = new Set(groups.flatMap(({ addresses }) => addresses.map(({ value }) => subnetOf(value))));
  for (const { name, addresses, addressesKnown, routes } of groups) {
    for (const route of routes) {
      if (!checkFamily(route, findings)) continue;
      const ours = own.find(route.via.value, name);
      if (ours !== undefined) {
        const place = `our own ${ours.use} (${findings.line(ours.offset)})`;
        findings.problem(route.via.offset, `via: found ${route.via.value.address}, ${place}, wanted a router`);
      } else if (formIsRight || addressesKnown) checkReach(route, addresses, findings);
      checkGateway(route, addresses, findings);
      if (checkDestination(route, subnets, findings)) checkNotToUs(route, name, own, findings);
    }
  }
  checkDistinct(groups, findings);
}

/** Destination in canonical text; `default` follows the gateway's family. */
export function destinationOf({ to, via }: DraftRoute): string {
  if (to.value === "default") return via.value.family === 4 ? "0.0.0.0/0" : "::/0";
  return subnetOf(to.value);
}

/** The address of this host to send from: the first on the gateway's subnet, or of the family if that is link-local. */
export function sourceFor(gateway: IpAddress, addresses: readonly DraftDataAddress[]): DraftDataAddress | undefined {
  const direct = onSubnet(gateway, addresses);
  return direct ?? (isLinkLocal6(gateway) ? addresses.find(({ value }) => value.family === 6) : undefined);
}

function checkFamily({ to, via }: DraftRoute, findings: Findings): boolean {
  if (to.value === "default" || to.value.family === via.value.family) return true;
  findings.problem(via.offset, `via: found ${via.value.address}, wanted an IPv${to.value.family} gateway as in \`to\``);
  return false;
}

function checkReach({ via }: DraftRoute, addresses: readonly DraftDataAddress[], findings: Findings): void {
  if (sourceFor(via.value, addresses) !== undefined) return;
  const { family, address } = via.value;
  const wanted = isLinkLocal6(via.value)
    ? "an IPv6 data address in this group to send from"
    : `a gateway on the subnet of a data address of this group (${subnetsOf(addresses, family)})`;
  findings.problem(via.offset, `via: found ${address}, which can not be reached, wanted ${wanted}`);
}

/** The kernel refuses a next hop that is a broadcast address. */
function checkGateway({ via }: DraftRoute, addresses: readonly DraftDataAddress[], findings: Findings): void {
  const flaw = unfitBeside(
    via.value,
    addresses.map(({ value }) => value),
  );
  if (flaw === undefined) return;
  findings.problem(via.offset, `via: found ${via.value.address}, wanted an address of one host (this is ${flaw})`);
}

function subnetsOf(addresses: readonly DraftDataAddress[], family: number): string {
  const subnets = new Set(addresses.filter(({ value }) => value.family === family).map(({ value }) => subnetOf(value)));
  return subnets.size === 0 ? `it has none of IPv${family}` : [...subnets].join(", ");
}

/** A subnet's own route is made from the data addresses, of whichever group; a second one would fight with it. */
function checkDestination(route: DraftRoute, subnets: ReadonlySet<string>, findings: Findings): boolean {
  const { value: destination, offset } = route.to;
  if (destination === "default") return true;
  const subnet = subnetOf(destination);
  if (!subnets.has(subnet)) return true;
  findings.problem(
    offset,
    `to: found ${subnet}, the subnet of a data address, wanted no route: it is reached directly`,
  );
  return false;
}

/** The kernel keeps what is sent to its own addresses, whatever a route says. */
function checkNotToUs({ to }: DraftRoute, group: string, own: OwnAddresses, findings: Findings): void {
  if (to.value === "default" || to.value.prefixLength !== bitsOf(to.value.family)) return;
  const ours = own.find(to.value, group);
  if (ours === undefined) return;
  const place = `our own ${ours.use} (${findings.line(ours.offset)})`;
  findings.problem(to.offset, `to: found ${to.value.address}, ${place}, wanted another destination`);
}

/** What the kernel takes for 0 in IPv6. */
const DEFAULT_METRIC_6 = 1024;

/** All groups share one routing table, where destination and metric name a route. */
function checkDistinct(groups: readonly DraftGroup[], findings: Findings): void {
  const firsts = new Map<string, DraftRoute>();
  for (const route of groups.flatMap(({ routes }) => routes)) {
    const metric = route.via.value.family === 6 && route.metric === 0 ? DEFAULT_METRIC_6 : route.metric;
    const key = `${destinationOf(route)} metric ${metric}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, route);
    else {
      const place = findings.line(first.to.offset);
      findings.problem(route.to.offset, `to: found ${key} a second time (first on ${place}), wanted another metric`);
    }
  }
}
