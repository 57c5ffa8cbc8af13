/** The thread's statistics, which come as one row of numbers. */
import { STATISTICS } from "../kernel/native-prober.ts";
import type { EnginePath, PathBook } from "./path-book.ts";
import type { TargetStatistics } from "./statistics.ts";

type Column = (typeof STATISTICS)[number];

/** Those of one target of a path in force. */
export interface PathStatistics<Path> {
  readonly path: Path;
  readonly statistics: TargetStatistics;
}

/** One entry per target that the thread knows, in the order of the paths; those that are not asked at present come last. */
export function readStatistics<Path extends EnginePath>(
  numbers: Float64Array,
  book: PathBook<Path>,
): readonly PathStatistics<Path>[] {
  const rows = rowsOf(numbers);
  return [...book.paths].flatMap(({ id, path, targetIds }) =>
    inOrder(path, targetIds).flatMap((address) => {
      const row = rows.get(rowKey(id, targetIds.get(address) as number));
      return row === undefined ? [] : [{ path, statistics: statisticsOf(path, address, row) }];
    }),
  );
}

function inOrder({ targets }: EnginePath, targetIds: ReadonlyMap<string, number>): readonly string[] {
  return [...new Set([...targets.map(({ address }) => address), ...targetIds.keys()])];
}

type Row = (column: Column) => number;

function rowsOf(numbers: Float64Array): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  for (let first = 0; first < numbers.length; first += STATISTICS.length) {
    const row: Row = (column) => numbers[first + STATISTICS.indexOf(column)] as number;
    rows.set(rowKey(row("path"), row("target")), row);
  }
  return rows;
}

function rowKey(path: number, target: number): string {
  return `${path}/${target}`;
}

function statisticsOf(path: EnginePath, target: string, row: Row): TargetStatistics {
  const { index, family, method, source } = path;
  const [duplicate, wrongSource, tooOld] = [row("duplicate"), row("wrongSource"), row("tooOld")];
  return {
    ...{ index, family, method, source, target },
    ...{ sent: row("sent"), answered: row("answered"), lost: row("lost"), unsent: row("unsent") },
    ...{ late: row("late"), ambiguous: duplicate + wrongSource + tooOld, duplicate, wrongSource, tooOld },
    meanMs: orNull(row("meanMs")),
    deviationMs: orNull(row("deviationMs")),
    minimumMs: orNull(row("minimumMs")),
    maximumMs: orNull(row("maximumMs")),
    lossRate: orNull(row("lossRate")),
  };
}

function orNull(number: number): number | null {
  return Number.isNaN(number) ? null : number;
}
