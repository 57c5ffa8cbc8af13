/** For programs: the fields of the rows, lists as lists, and everything in the order of the configuration file. Pure. */
import type { GroupSnapshot, ProbeTargetsSnapshot, Snapshot } from "../core/snapshot.ts";
import { jsonObject, type Row } from "./columns.ts";
import type { Order } from "./ipmpstat-options.ts";
import { inState, type NameOf, namesIn, probed, rows, SET_ASIDE } from "./ipmpstat-rows.ts";

type Fields = Record<string, string | null | readonly string[]>;

/** One object a row. A field that is a list for people is one for programs, and empty where they read `--`. */
export function jsonObjects(snapshot: Snapshot, { mode, columns }: Order, nameOf: NameOf): Fields[] {
  const ordered = inFileOrder(snapshot);
  const lists = listsOf(ordered, mode, nameOf);
  return rows(ordered, mode, nameOf).map((row: Row, at) => {
    const fields = Object.entries(jsonObject(row, columns));
    return Object.assign({}, ...fields.map(([name, value]) => lists[at]?.[name] ?? { [name]: value }));
  });
}

/** By the name of the field: what stands for it in the object of each row. */
function listsOf(
  { groups, interfaces, addresses, targets }: Snapshot,
  mode: Order["mode"],
  nameOf: NameOf,
): Record<string, Fields>[] {
  switch (mode) {
    case "g":
      return groups.map((group) => ({ interfaces: membersOf(group, interfaces) }));
    case "a":
      return addresses.map(({ outbound }) => ({ outbound: { outbound: [...outbound].reverse() } }));
    case "t":
      return targets.map((row) => ({ targets: targetsOf(row, namesIn(row, nameOf)) }));
    default:
      return [];
  }
}

/** All of them, and what the marks of the text say of each. */
function membersOf({ name, active, inactive, unusable }: GroupSnapshot, faces: Snapshot["interfaces"]): Fields {
  const interfaces = faces.filter(({ group }) => group === name).map((face) => face.name);
  return { interfaces, active, inactive, unusable };
}

/** Those that are asked, and those that were set aside, by the reason. */
function targetsOf(row: ProbeTargetsSnapshot, name: NameOf): Fields {
  const aside = SET_ASIDE.map((state) => [state, inState(row, state).map(name)]);
  return { targets: probed(row).map(name), ...Object.fromEntries(aside) };
}

/** The daemon shows the newest first, as Solaris does; a program finds things where the file has them. */
function inFileOrder(snapshot: Snapshot): Snapshot {
  const groups = snapshot.groups.map((group) => ({
    ...group,
    active: [...group.active].reverse(),
    inactive: [...group.inactive].reverse(),
    unusable: [...group.unusable].reverse(),
  }));
  return {
    groups: groups.reverse(),
    interfaces: [...snapshot.interfaces].reverse(),
    addresses: [...snapshot.addresses].reverse(),
    targets: reverseInterfaces(snapshot.targets),
  };
}

/** The families of one interface stay as they are. */
function reverseInterfaces(targets: readonly ProbeTargetsSnapshot[]): ProbeTargetsSnapshot[] {
  const names = [...new Set(targets.map((row) => row.interface))].reverse();
  return names.flatMap((name) => targets.filter((row) => row.interface === name));
}
