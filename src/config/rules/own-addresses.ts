/** No address twice, and no two groups on one subnet. */
import { contains, type IpAddress, type IpPrefix, isLinkLocal6, overlap, subnetOf } from "../addresses.ts";
import type { DraftGroup } from "../draft.ts";
import type { Placed } from "../spot.ts";
import { type Findings, quoted } from "./findings.ts";

type Use = "data address" | "test address";

interface OwnAddress extends Placed<IpPrefix> {
  readonly use: Use;
  readonly group: string;
}

/** Every address that the file gives to this host, in the order of the text. */
function ownAddresses(groups: readonly DraftGroup[]): OwnAddress[] {
  return groups
    .flatMap(({ name: group, addresses, members = [] }) => [
      ...addresses.map(({ value, offset }): OwnAddress => ({ value, offset, use: "data address", group })),
      ...members.flatMap(({ testAddresses }) =>
        testAddresses.map(({ value, offset }): OwnAddress => ({ value, offset, use: "test address", group })),
      ),
    ])
    .sort((left, right) => left.offset - right.offset);
}

export function checkOwnAddresses(groups: readonly DraftGroup[], findings: Findings): void {
  const own = ownAddresses(groups);
  checkUnique(own, findings);
  checkOneGroupPerSubnet(own, findings);
  for (const group of groups) checkTestSubnets(group, findings);
}

/** Link-local addresses are unique on their link only, and each group is a link. */
function identityOf(ip: IpAddress, group: string): string {
  return isLinkLocal6(ip) ? `${ip.address} ${group}` : ip.address;
}

/** Tells whether an address, seen from a group, is one of ours. */
export class OwnAddresses {
  readonly #byIdentity: ReadonlyMap<string, OwnAddress>;

  constructor(groups: readonly DraftGroup[]) {
    // Of equal ones the first stays.
    const backwards = ownAddresses(groups).toReversed();
    this.#byIdentity = new Map(backwards.map((own) => [identityOf(own.value, own.group), own]));
  }

  find(ip: IpAddress, group: string): OwnAddress | undefined {
    return this.#byIdentity.get(identityOf(ip, group));
  }
}

function checkUnique(own: readonly OwnAddress[], findings: Findings): void {
  const seen = new Map<string, OwnAddress>();
  for (const address of own) {
    const identity = identityOf(address.value, address.group);
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, address);
    else {
      const before = `${first.use} of group ${quoted(first.group)} (${findings.line(first.offset)})`;
      findings.problem(
        address.offset,
        `${address.use}: found ${address.value.address}, already ${before}, wanted each address once`,
      );
    }
  }
}

/** Every subnet is compared with every other one, so there must be an end; a host has far fewer. */
const MOST_SUBNETS = 2000;

/** Links are told apart by their subnets: with two groups on one, the kernel could not choose between them. */
function checkOneGroupPerSubnet(own: readonly OwnAddress[], findings: Findings): void {
  const firsts = new Map<string, OwnAddress>();
  for (const address of own.filter(({ value }) => !isLinkLocal6(value))) {
    const key = `${address.group} ${subnetOf(address.value)}`;
    if (firsts.has(key)) continue;
    if (firsts.size === MOST_SUBNETS) {
      findings.problem(address.offset, `found over ${MOST_SUBNETS} subnets in the file, wanted at most that`);
      return;
    }
    const other = [...firsts.values()].find(
      ({ group, value }) =>
        group !== address.group && value.address !== address.value.address && overlap(value, address.value),
    );
    firsts.set(key, address);
    if (other === undefined) continue;
    const subnet = subnetOf(other.value);
    const place = `group ${quoted(other.group)} (${findings.line(other.offset)})`;
    findings.problem(
      address.offset,
      `${address.use}: found ${address.value.address} on subnet ${subnet} of ${place}, wanted one group per subnet`,
    );
  }
}

/** Members probe the same targets, so they must reach them the same way. */
function checkTestSubnets({ members = [] }: DraftGroup, findings: Findings): void {
  const tests = members.flatMap(({ testAddresses }) => testAddresses).filter(({ value }) => !isLinkLocal6(value));
  for (const family of [4, 6]) {
    const [first, ...others] = tests.filter(({ value }) => value.family === family);
    if (first === undefined) continue;
    const subnet = subnetOf(first.value);
    for (const { value, offset } of others.filter((other) => subnetOf(other.value) !== subnet)) {
      const found = `${value.address}/${value.prefixLength}`;
      const wanted = `${subnet} as on ${findings.line(first.offset)}`;
      findings.problem(offset, `test address: found ${found}, wanted one subnet for the whole group: ${wanted}`);
    }
  }
}

/** The first of these addresses whose subnet holds `ip`. */
export function onSubnet<Address extends Placed<IpPrefix>>(
  ip: IpAddress,
  addresses: readonly Address[],
): Address | undefined {
  return addresses.find(({ value }) => contains(value, ip));
}
