/** The IPMP machine: facts in, deeds out. */
import type { StepResult } from "./actions.ts";
import type { MachineEvent } from "./events.ts";
import type { Snapshot } from "./snapshot.ts";

export class Machine {
  /** Takes one fact at monotonic time `now` (ms). All actions must be carried out before the next step. */
  step(_event: MachineEvent, _now: number): StepResult {
    return { actions: [], wakeAt: undefined };
  }

  /** The picture that tools show. */
  snapshot(): Snapshot {
    return { groups: [], interfaces: [], addresses: [] };
  }
}
