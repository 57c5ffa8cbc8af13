import type { Snapshot } from "../core/snapshot.ts";
import type { KernelStatus } from "../kernel/port.ts";
import type { ProberStatus } from "../prober/statistics.ts";

/** All that is known at one moment: of the groups, and of the threads that serve them. */
export interface View {
  readonly snapshot: Snapshot;
  readonly kernel: KernelStatus;
  readonly prober: ProberStatus;
}

const NOT_STARTED = { realtime: "not started", locked: "not started", dropped: 0 } as const;

/** Before anything is known. */
export const NOTHING_YET: View = {
  snapshot: { groups: [], interfaces: [], addresses: [], targets: [] },
  kernel: { ...NOT_STARTED, plansFired: 0 },
  prober: { ...NOT_STARTED, stalls: 0, longestStallMs: 0, unsent: 0, forged: 0, wrongInterface: 0 },
};
