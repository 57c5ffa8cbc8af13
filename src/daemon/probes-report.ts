import type { ProbeStatistics, ProbesReport } from "../control/probes.ts";
import type { ProbeTargetsSnapshot, Snapshot } from "../core/snapshot.ts";
import type { TargetStatistics } from "../prober/statistics.ts";
import type { View } from "./view.ts";

/** What was counted, and what was known at that moment. */
export interface Counted {
  readonly statistics: readonly TargetStatistics[];
  readonly view: View;
}

/** What the prober counts by numbers, with names, and with what the machine thinks of each target. */
export function probesReport({ statistics, view }: Counted): ProbesReport {
  return { prober: view.prober, targets: named(statistics, view.snapshot) };
}

function named(counted: readonly TargetStatistics[], picture: Snapshot): ProbeStatistics[] {
  const faces = new Map(picture.interfaces.map((face) => [face.index, face]));
  const rows = new Map(picture.targets.map((row) => [rowKey(row), row]));
  return counted.flatMap(({ index, ...figures }) => {
    const face = faces.get(index);
    // Taken out meanwhile: nobody knows its name any more.
    if (face === undefined) return [];
    const row = rows.get(rowKey({ interface: face.name, family: figures.family }));
    const { kind = null, state = null } = row?.targets.find(({ address }) => address === figures.target) ?? {};
    return [{ interface: face.name, group: face.group, ...figures, kind, state }];
  });
}

function rowKey(row: Pick<ProbeTargetsSnapshot, "interface" | "family">): string {
  return `${row.family} ${row.interface}`;
}
