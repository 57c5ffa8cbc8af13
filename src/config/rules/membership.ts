/** Who is in which group, and what the groups may be called. */
import type { DraftGroup, DraftMember } from "../draft.ts";
import { readGroupName, readMemberName } from "../names.ts";
import { shown } from "../problem.ts";
import { type Findings, quoted } from "./findings.ts";

export function checkMembership(groups: readonly DraftGroup[], findings: Findings): void {
  for (const group of groups) {
    checkGroupDevice(group, groups, findings);
    checkNotEmpty(group, findings);
    checkPreferences(group, findings);
  }
  checkOneGroupEach(groups, findings);
}

/** A group interface is a device like any other, and two devices can not share a name. */
function checkGroupDevice(group: DraftGroup, groups: readonly DraftGroup[], findings: Findings): void {
  if (!group.groupInterface || "wanted" in readGroupName(group.name)) return;
  const reading = readMemberName(group.name);
  const remedy = "or `group-interface: false`";
  if ("wanted" in reading) {
    const wanted = group.name === "lo" ? "another name" : reading.wanted;
    findings.problem(group.offset, `group interface: found ${quoted(group.name)}, wanted ${wanted}, ${remedy}`);
  }
  const namesake = groups.flatMap(({ members = [] }) => members).find(({ name }) => name === group.name);
  if (namesake === undefined) return;
  const place = findings.line(namesake.offset);
  findings.problem(
    group.offset,
    `group interface: found ${quoted(group.name)}, the name of a member (${place}), wanted another name, ${remedy}`,
  );
}

function checkNotEmpty(group: DraftGroup, findings: Findings): void {
  if (group.members?.length !== 0) return;
  const need = group.addresses.length > 0 ? " to carry its data addresses" : "";
  findings.problem(
    group.offset,
    `group ${quoted(group.name)}: found no interface, wanted at least one under \`interfaces\`${need}, or no such group`,
  );
}

function checkOneGroupEach(groups: readonly DraftGroup[], findings: Findings): void {
  const first = new Map<string, { group: string; member: DraftMember }>();
  for (const { name: group, members = [] } of groups) {
    for (const member of members) {
      const taken = first.get(member.name);
      if (taken === undefined) first.set(member.name, { group, member });
      else {
        const where = `group ${quoted(taken.group)} (${findings.line(taken.member.offset)})`;
        findings.problem(
          member.offset,
          `interface ${quoted(member.name)}: found in ${where} and in group ${quoted(group)}, wanted in one of them`,
        );
      }
    }
  }
}

function checkPreferences(group: DraftGroup, findings: Findings): void {
  for (const { prefer } of group.addresses) {
    const member = group.members?.find(({ name }) => name === prefer?.value);
    if (prefer === undefined || group.members === undefined) continue;
    if (member === undefined) {
      const names = group.members.map(({ name }) => name).join(", ");
      findings.problem(prefer.offset, `prefer: found ${quoted(prefer.value)}, wanted a member (${shown(names)})`);
    } else if (member.standby) {
      findings.warning(prefer.offset, `prefer: ${quoted(member.name)} is a standby, which carries data only in need`);
    }
  }
}
