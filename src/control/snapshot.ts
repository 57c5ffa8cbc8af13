/** The wire form of the picture: what `GET /v1/snapshot` answers. */
import type { Snapshot } from "../core/snapshot.ts";
import type { KernelStatus } from "../kernel/port.ts";
import type { ProberStatus } from "../prober/statistics.ts";

/** Changes only when an old tool could misread the answer; new fields do not change it. */
export const SNAPSHOT_VERSION = 1;

export interface DaemonStatus {
  /** Version of the package. */
  readonly version: string;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Path of the file that the configuration came from. */
  readonly configurationFile: string;
}

export interface DaemonSnapshot extends Snapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  readonly daemon: DaemonStatus;
  readonly kernel: KernelStatus;
  readonly prober: ProberStatus;
}
