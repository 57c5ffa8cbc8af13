/** The group as a drawing: who carries what, and which cable is out. */
import type { InterfaceSnapshot, Snapshot } from "../../src/core/snapshot.ts";

const CABLE = { in: "────────", out: "──x  x──", silent: "── ?? ──" } as const;
const BEYOND = "── switch ── router ── client";

function stateWord({ state, active, flags }: InterfaceSnapshot): string {
  if (state !== "ok") return state;
  if (active) return "active";
  return flags.standby ? "standby" : "inactive";
}

/** By what is known of it: out, or in but leading nowhere. */
function cableOf({ link, probe }: InterfaceSnapshot): string {
  if (link === "down") return CABLE.out;
  return probe === "failed" ? CABLE.silent : CABLE.in;
}

/** Joins the cables at the right edge. The switch hangs on the second one, or on the only one. */
function edge(index: number, count: number): string {
  if (count === 1) return `─${BEYOND}`;
  const isLast = index === count - 1;
  if (index === 1) return `${isLast ? "┴" : "┼"}${BEYOND}`;
  if (index === 0) return "┐";
  return isLast ? "┘" : "┤";
}

/**
 *     ipmp0 ok
 *     ├─ eth0  active   192.0.2.10  ────────┐
 *     ├─ eth1  active   192.0.2.11  ────────┼── switch ── router ── client
 *     └─ eth2  standby  -           ────────┘
 */
export function drawGroup({ groups, interfaces, addresses }: Snapshot): string {
  const group = groups[0];
  if (group === undefined) return "no group";
  const members = interfaces
    .filter((member) => member.group === group.name)
    .sort((one, other) => one.name.localeCompare(other.name));
  const carried = members.map(({ name }) => addresses.filter(({ inbound }) => inbound === name));
  const lists = carried.map(
    (list) =>
      list
        .map(({ address }) => address)
        .sort()
        .join(", ") || "-",
  );
  const width = Math.max(...lists.map((list) => list.length));
  const lines = members.map((member, index) => {
    const branch = index === members.length - 1 ? "└─" : "├─";
    const cable = cableOf(member);
    const words = [member.name, stateWord(member).padEnd(8), (lists[index] ?? "").padEnd(width)];
    return `${branch} ${words.join("  ")}  ${cable}${edge(index, members.length)}`;
  });
  return [`${group.name}  ${group.state}`, ...lines].join("\n");
}
