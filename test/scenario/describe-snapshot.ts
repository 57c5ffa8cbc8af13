/** What people get to see of groups and interfaces, and what a restarted daemon would remember, one readable line each. */
import type { MemberMemory, Memory } from "../../src/core/memory.ts";
import type { GroupSnapshot, InterfaceSnapshot, Snapshot } from "../../src/core/snapshot.ts";
import { seconds } from "./describe-probing.ts";

/** What `ipmpstat -g`, `-i` and `-a` would say, in brief. Probing, and reasons for what is not well, only where there are any. */
export function describeSnapshot({ groups, interfaces, addresses }: Snapshot): string[] {
  return [
    ...groups.flatMap(describeGroup),
    ...interfaces.map(describeInterface),
    ...addresses.map((a) => `  ${a.address} ${a.state}: in ${a.inbound ?? "--"}, out ${list(a.outbound)}`),
  ];
}

function describeGroup(group: GroupSnapshot): string[] {
  const members = `active ${list(group.active)}; inactive ${list(group.inactive)}; unusable ${list(group.unusable)}`;
  const bypasses = group.bypasses.map((route) => `  bypassed by ${route}`);
  return [`${group.name || "(no group)"} ${group.state}: ${members}${detectionTime(group)}`, ...bypasses];
}

function detectionTime(group: GroupSnapshot): string {
  const { failureDetectionTimeMs: effective, configuredFailureDetectionTimeMs: configured } = group;
  if (effective === null) return "";
  return `; fdt ${seconds(effective)}${effective === configured ? "" : ` (asked for ${seconds(configured)})`}`;
}

function describeInterface({ name, active, flags, link, state, probe, reason }: InterfaceSnapshot): string {
  const probing = probe === "disabled" ? "" : `, probe ${probe}`;
  const why = state === "ok" ? "" : ` (${reason})`;
  return `  ${name} ${active ? "active" : "-"} ${flagLetters(flags)} link ${link}${probing}, ${state}${why}`;
}

function flagLetters(flags: InterfaceSnapshot["flags"]): string {
  const letters: readonly [boolean, string][] = [
    [flags.inactive, "i"],
    [flags.standby, "s"],
    [flags.multicast4, "m"],
    [flags.broadcast4, "b"],
    [flags.multicast6, "M"],
    [flags.down, "d"],
    [flags.duplicate, "h"],
  ];
  return letters.map(([set, letter]) => (set ? letter : "-")).join("");
}

/** The transitions of one interface, oldest first, and how its probes fared. */
export function describeHistory({ interfaces }: Snapshot, name: string): string[] {
  return interfaces
    .filter((row) => row.name === name)
    .flatMap(({ since, state, reason, history, probes }) => [
      ...history.map(({ at, from, to, reason: why }) => `${at}: ${from} -> ${to} (${why})`),
      `${state} (${reason}) since ${since}`,
      ...probes.map(
        ({ family, answered, lost, unsent, ambiguous }) =>
          `IPv${family}: ${answered} answered, ${lost} lost, ${unsent} unsent, ${ambiguous} ambiguous`,
      ),
    ]);
}

/** What a restart would find. */
export function describeMemory(memory: Memory | undefined): string[] {
  return memory === undefined ? ["nothing"] : memory.members.map(describeMember);
}

function describeMember(member: MemberMemory): string {
  const words = [
    ...(["offline", "failed"] as const).filter((word) => member[word]),
    `${member.reason} since ${seconds(member.since)}`,
    ...(member.ups.length > 0 ? [`up at ${member.ups.map(seconds).join(" ")}`] : []),
    ...(member.up === undefined ? [] : [`link ${member.up.index} up since ${seconds(member.up.since)}`]),
    ...(member.heldDown > 0 ? [`held down ${member.heldDown} times`] : []),
  ];
  return `${member.group || "(no group)"} ${member.interface}: ${words.join(", ")}`;
}

function list(names: readonly string[]): string {
  return names.join(" ") || "--";
}
