/** What can be loaded, and is probably not what was meant. */
import { isLinkLocal6, overlap, subnetOf } from "../addresses.ts";
import type { DraftGroup, DraftMember } from "../draft.ts";
import { type Findings, quoted } from "./findings.ts";
import { remedyOf, transitiveSources } from "./probe-sources.ts";

export function warnAboutGroups(groups: readonly DraftGroup[], findings: Findings): void {
  for (const group of groups) {
    warnAboutMembers(group, group.members ?? [], findings);
    warnAboutTestAddresses(group, group.members ?? [], findings);
    warnAboutDataAddresses(group, findings);
  }
  warnAboutSpread(groups, findings);
}

function warnAboutMembers(group: DraftGroup, members: readonly DraftMember[], findings: Findings): void {
  const name = `group ${quoted(group.name)}`;
  const active = members.filter(({ standby }) => !standby);
  if (members.length === 1) findings.warning(group.offset, `${name}: has one interface: failures are reported only`);
  else if (members.length > 1 && active.length === 0) {
    findings.warning(group.offset, `${name}: has standby interfaces only; one of them will have to carry the data`);
  }
  if (group.spreadGiven && group.spread.value !== "none" && members.length > 1 && active.length === 1) {
    findings.warning(group.spread.offset, `spread: has no effect with one interface that is not a standby`);
  }
}

function warnAboutTestAddresses(group: DraftGroup, members: readonly DraftMember[], findings: Findings): void {
  const tests = members.flatMap(({ testAddresses }) => testAddresses);
  for (const family of [4, 6] as const) {
    if (transitiveSources(group, family).length > 0) continue;
    const without = members.filter(({ testAddresses }) => !testAddresses.some(({ value }) => value.family === family));
    if (without.length === 0 || !tests.some(({ value }) => value.family === family)) continue;
    const names = without.map(({ name }) => name).join(", ");
    const found = `${quoted(names)} without the IPv${family} test address of others`;
    findings.warning(group.offset, `mixed families: ${found}${remedyOf(group, [family])}`);
  }
  for (const { value, offset } of tests.filter((test) => test.value.family === 6 && !isLinkLocal6(test.value))) {
    findings.warning(offset, `test address: ${value.address} is not link-local, so no probes are sent from it`);
  }
}

function warnAboutDataAddresses({ name, offset, addresses }: DraftGroup, findings: Findings): void {
  if (addresses.length === 0) findings.warning(offset, `group ${quoted(name)}: has no data address to keep reachable`);
  for (const [index, address] of addresses.entries()) {
    const { value } = address;
    if (isLinkLocal6(value)) {
      const reason = "applications must name its interface, which changes when it moves";
      findings.warning(address.offset, `addresses: ${value.address} is link-local: ${reason}`);
    }
    const other = addresses.slice(0, index).find((before) => {
      const differs = before.value.prefixLength !== value.prefixLength;
      return differs && overlap(before.value, value) && !isHost(before.value) && !isHost(value);
    });
    if (other === undefined) continue;
    const there = `${subnetOf(other.value)} (${findings.line(other.offset)})`;
    findings.warning(
      address.offset,
      `addresses: ${subnetOf(value)} overlaps ${there}; one of the lengths may be wrong`,
    );
  }
}

function isHost({ family, prefixLength }: { family: number; prefixLength: number }): boolean {
  return prefixLength === (family === 4 ? 32 : 128);
}

/** The kernel has one hash policy per network namespace, and per flow wins. */
function warnAboutSpread(groups: readonly DraftGroup[], findings: Findings): void {
  const perFlow = groups.find(({ spread }) => spread.value === "l4");
  if (perFlow === undefined) return;
  for (const { name, offset, spread, spreadGiven } of groups.filter((group) => group.spread.value === "l3")) {
    const reason = `the kernel has one way for all, and group ${quoted(perFlow.name)} wants l4`;
    findings.warning(spreadGiven ? spread.offset : offset, `spread: group ${quoted(name)} gets l4 as well: ${reason}`);
  }
}
