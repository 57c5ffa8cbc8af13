/** The paths in force, by what their user calls them and by the ids that the probing thread knows them by. */
import type { Family } from "../core/configuration.ts";
import type { NativeProbePath, NativeProbeTarget } from "../kernel/native-prober.ts";
import { octetsOf } from "./ip-octets.ts";

/** One source on one link, and whom it asks. */
export interface EnginePath extends Omit<NativeProbePath, "id" | "targets"> {
  /** What makes it the same path in two lists. */
  readonly key: string;
  /** Each address once, canonical. */
  readonly targets: readonly Omit<NativeProbeTarget, "id">[];
}

/** A target of a path in force. */
export interface BookedTarget {
  readonly id: number;
  readonly address: string;
  /** The octets of the address, four at a time, as they are in memory. */
  readonly words: Uint32Array;
}

/** A path in force. */
export interface BookedPath<Path extends EnginePath> {
  readonly id: number;
  readonly path: Path;
  /** Every address that it ever asked: one that comes back has its id again. */
  readonly targetIds: Map<string, number>;
  /** By id; those that are not asked any more are missing. */
  readonly targets: readonly (BookedTarget | undefined)[];
}

/** What a new list changes. */
export interface PathDifference<Path extends EnginePath> {
  /** All paths of the new list, in its order. */
  readonly booked: readonly BookedPath<Path>[];
  readonly put: readonly NativeProbePath[];
  readonly removed: readonly number[];
}

export class PathBook<Path extends EnginePath> {
  #byKey: ReadonlyMap<string, BookedPath<Path>> = new Map();
  #byId: ReadonlyMap<number, BookedPath<Path>> = new Map();
  #lastId = 0;

  /** In the order of the list. */
  get paths(): Iterable<BookedPath<Path>> {
    return this.#byKey.values();
  }

  get(id: number): BookedPath<Path> | undefined {
    return this.#byId.get(id);
  }

  /** What must be done for `paths` to be in force. Ids that are given out here are never given out again. */
  compare(paths: readonly Path[]): PathDifference<Path> {
    const booked: BookedPath<Path>[] = [];
    const put: NativeProbePath[] = [];
    const gone = new Set(this.#byId.keys());
    for (const path of paths) {
      const before = this.#byKey.get(path.key);
      const same = before !== undefined && isSame(before.path, path);
      const now = same ? { ...before, path } : this.#book(path, before);
      booked.push(now);
      if (!same) put.push(nativePath(now));
      gone.delete(now.id);
    }
    return { booked, put, removed: [...gone] };
  }

  /** From now on those of `difference` are in force. */
  commit({ booked }: PathDifference<Path>): void {
    this.#byKey = new Map(booked.map((entry) => [entry.path.key, entry]));
    this.#byId = new Map(booked.map((entry) => [entry.id, entry]));
  }

  #book(path: Path, before: BookedPath<Path> | undefined): BookedPath<Path> {
    const id = before?.id ?? ++this.#lastId;
    const targetIds = before?.targetIds ?? new Map<string, number>();
    const targets: (BookedTarget | undefined)[] = [];
    for (const { address } of path.targets) {
      const targetId = targetIds.get(address) ?? targetIds.size + 1;
      targetIds.set(address, targetId);
      targets[targetId] = before?.targets[targetId] ?? bookedTarget(targetId, address, path.family);
    }
    return { id, path, targetIds, targets };
  }
}

function bookedTarget(id: number, address: string, family: Family): BookedTarget {
  const octets = octetsOf(address);
  if (octets?.length !== (family === 4 ? 4 : 16)) {
    throw new Error(`assertion failed: ${address} is no IPv${family} address`);
  }
  return { id, address, words: new Uint32Array(octets.buffer) };
}

function nativePath<Path extends EnginePath>({ id, path, targetIds }: BookedPath<Path>): NativeProbePath {
  const { index, family, method, source, intervalMs, detectionIntervalMs, burst, discover, secondOpinion } = path;
  const targets = path.targets.map(({ address, timeoutMs }) => {
    return { id: targetIds.get(address) as number, address, timeoutMs };
  });
  const paced = { intervalMs, detectionIntervalMs, burst };
  return { id, index, family, method, source, ...paced, discover, secondOpinion, targets };
}

/** Would the thread do the same? */
function isSame(left: EnginePath, right: EnginePath): boolean {
  return (
    left.index === right.index &&
    left.family === right.family &&
    left.method === right.method &&
    left.source === right.source &&
    left.intervalMs === right.intervalMs &&
    left.detectionIntervalMs === right.detectionIntervalMs &&
    left.burst === right.burst &&
    left.discover === right.discover &&
    left.secondOpinion === right.secondOpinion &&
    left.targets.length === right.targets.length &&
    left.targets.every(({ address, timeoutMs }, at) => {
      return address === right.targets[at]?.address && timeoutMs === right.targets[at]?.timeoutMs;
    })
  );
}
