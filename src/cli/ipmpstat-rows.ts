/** From the daemon's picture to rows: what each mode of ipmpstat shows. Pure. */
import type { ProbeEvent } from "../control/probes.ts";
import type {
  AddressSnapshot,
  GroupSnapshot,
  InterfaceFlags,
  InterfaceSnapshot,
  ProbeTargetsSnapshot,
  Snapshot,
  TargetState,
} from "../core/snapshot.ts";
import { type Column, type Row, UNFETCHABLE } from "./columns.ts";

/** The option letter that selects it. */
export type Mode = "a" | "g" | "i" | "p" | "t";

type Texts = readonly [name: string, width: number][];

const columns = (texts: Texts): readonly Column[] => texts.map(([name, width]) => ({ name, width }));

/** All columns of each mode, in their order. */
export const COLUMNS: Readonly<Record<Mode, readonly Column[]>> = {
  a: columns([
    ["ADDRESS", 26],
    ["STATE", 7],
    ["GROUP", 12],
    ["INBOUND", 12],
    ["OUTBOUND", 23],
  ]),
  g: columns([
    ["GROUP", 12],
    ["GROUPNAME", 12],
    ["STATE", 10],
    ["FDT", 10],
    ["INTERFACES", 30],
  ]),
  i: columns([
    ["INTERFACE", 12],
    ["ACTIVE", 8],
    ["GROUP", 12],
    ["FLAGS", 10],
    ["LINK", 10],
    ["PROBE", 10],
    ["STATE", 10],
  ]),
  p: columns([
    ["TIME", 10],
    ["INTERFACE", 12],
    ["PROBE", 7],
    ["NETRTT", 10],
    ["RTT", 10],
    ["RTTAVG", 10],
    ["TARGET", 20],
    ["RTTDEV", 10],
  ]),
  t: columns([
    ["INTERFACE", 12],
    ["MODE", 10],
    ["TESTADDR", 20],
    ["TARGETS", 38],
  ]),
};

/** Host name of an address, or the address itself. */
export type NameOf = (address: string) => string;

/** The rows of one mode. `p` has none: it shows probes as they happen (see probeRow), which no picture can. */
export function rows(snapshot: Snapshot, mode: Mode, nameOf: NameOf): Row[] {
  switch (mode) {
    case "a":
      return snapshot.addresses.map((address) => addressRow(address, nameOf));
    case "g":
      return snapshot.groups.map(groupRow);
    case "i":
      return snapshot.interfaces.map(interfaceRow);
    case "t":
      return snapshot.targets.map((row) => targetRow(row, nameOf));
    case "p":
      return [];
  }
}

/**
 * The same for people: at the end of TARGETS stand those that were set aside, each with the word why. Scripts (`-P`) take the
 * field apart, so there it holds only who is asked.
 */
export function rowsForPeople(snapshot: Snapshot, mode: Mode, nameOf: NameOf): Row[] {
  if (mode !== "t") return rows(snapshot, mode, nameOf);
  return snapshot.targets.map((row) => {
    const aside = SET_ASIDE.flatMap((state) =>
      inState(row, state)
        .map(namesIn(row, nameOf))
        .map((name) => `${name}(${state})`),
    );
    const plain = targetRow(row, nameOf);
    return { ...plain, TARGETS: [plain.TARGETS, ...aside].filter((part) => part !== "").join(" ") };
  });
}

/** All addresses that the rows of a mode hold, in their order; of `p` those that are known in advance. */
export function addressesShown(snapshot: Snapshot, mode: Mode): string[] {
  if (mode === "a") return snapshot.addresses.map(({ address }) => address);
  if (mode === "p") return snapshot.targets.flatMap(probed);
  if (mode !== "t") return [];
  return snapshot.targets.flatMap((row) => [
    ...(row.testAddress === null ? [] : [row.testAddress]),
    ...probed(row),
    ...SET_ASIDE.flatMap((state) => inState(row, state)),
  ]);
}

/** The daemon may be newer than we are and know families that we do not. */
function isKnown(family: number): boolean {
  return family === 4 || family === 6;
}

function addressRow(address: AddressSnapshot, nameOf: NameOf): Row {
  return {
    ADDRESS: isKnown(address.family) ? nameOf(address.address) : UNFETCHABLE,
    STATE: word(address.state, ["up", "down"]),
    GROUP: address.group,
    INBOUND: address.inbound ?? "",
    OUTBOUND: address.outbound.join(" "),
  };
}

function groupRow(group: GroupSnapshot): Row {
  return {
    GROUP: group.name,
    GROUPNAME: group.groupName,
    STATE: word(group.state, ["ok", "degraded", "failed"]),
    FDT: group.failureDetectionTimeMs === null ? "" : `${(group.failureDetectionTimeMs / 1000).toFixed(2)}s`,
    INTERFACES: memberList(group),
  };
}

function memberList({ active, inactive, unusable }: GroupSnapshot): string {
  const parts = [active.join(" ")];
  if (inactive.length > 0) parts.push(`(${inactive.join(" ")})`);
  if (unusable.length > 0) parts.push(`[${unusable.join(" ")}]`);
  return parts.filter((part) => part !== "").join(" ");
}

function interfaceRow(face: InterfaceSnapshot): Row {
  return {
    INTERFACE: face.name,
    ACTIVE: face.active ? "yes" : "no",
    GROUP: face.group,
    FLAGS: flagLetters(face.flags),
    LINK: word(face.link, ["up", "down", "unknown"]),
    PROBE: word(face.probe, ["ok", "failed", "unknown", "disabled"]),
    STATE: word(face.state, ["ok", "failed", "unknown", "offline"]),
  };
}

const FLAG_LETTERS: readonly [keyof InterfaceFlags, string][] = [
  ["inactive", "i"],
  ["standby", "s"],
  ["multicast4", "m"],
  ["broadcast4", "b"],
  ["multicast6", "M"],
  ["down", "d"],
  ["duplicate", "h"],
];

function flagLetters(flags: InterfaceFlags): string {
  return FLAG_LETTERS.map(([flag, letter]) => (flags[flag] ? letter : "-")).join("");
}

function targetRow(row: ProbeTargetsSnapshot, nameOf: NameOf): Row {
  const name = namesIn(row, nameOf);
  return {
    INTERFACE: row.interface,
    MODE: word(row.mode, ["routes", "multicast", "transitive", "disabled"]),
    TESTADDR: row.testAddress === null ? "" : name(row.testAddress),
    TARGETS: probed(row).map(name).join(" "),
  };
}

/** A row of `-p`; `startedAtMs`: when we were started, on the clock of `sentAtMs`. */
export function probeRow(probe: ProbeEvent, startedAtMs: number, nameOf: NameOf): Row {
  return {
    TIME: `${((probe.sentAtMs - startedAtMs) / 1000).toFixed(2)}s`,
    INTERFACE: probe.interface,
    PROBE: `${probe.sequence}`,
    NETRTT: milliseconds(probe.networkRoundTripMs),
    RTT: milliseconds(probe.roundTripMs),
    RTTAVG: milliseconds(probe.meanMs || null),
    TARGET: isKnown(probe.family) ? nameOf(probe.target) : UNFETCHABLE,
    RTTDEV: milliseconds(probe.deviationMs || null),
  };
}

function milliseconds(value: number | null): string {
  return value === null ? "" : `${value.toFixed(2)}ms`;
}

/** Those that are asked at the moment, in their order; spare, slow and dead ones are not. */
export function probed(row: ProbeTargetsSnapshot): string[] {
  return inState(row, "active");
}

/** Why a target is not asked for a while. */
export const SET_ASIDE = ["slow", "dead"] as const;

export function inState({ targets }: ProbeTargetsSnapshot, wanted: TargetState): string[] {
  return targets.filter(({ state }) => state === wanted).map(({ address }) => address);
}

/** What stands for the addresses of a row. */
export function namesIn({ family }: ProbeTargetsSnapshot, nameOf: NameOf): NameOf {
  return family === null || isKnown(family) ? nameOf : () => UNFETCHABLE;
}

/** A word that a newer daemon uses and we do not know stands in angle brackets. */
function word(value: string, known: readonly string[]): string {
  return known.includes(value) ? value : `<${value}>`;
}
