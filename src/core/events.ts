/** Facts that enter the machine, one per step. */
import type { Configuration } from "./configuration.ts";
import type { KernelNotice, KernelOutcome, KernelPicture } from "./kernel-state/kernel-objects.ts";
import type { Memory } from "./memory.ts";
import type { ProbeResult } from "./probing/results.ts";

export type MachineEvent =
  /** The whole wanted configuration, first or new. An empty one means: take away everything of ours. */
  | { readonly type: "configure"; readonly configuration: Configuration }
  /** A full dump: replaces belief. */
  | { readonly type: "dump"; readonly picture: KernelPicture }
  /** What the kernel reported since the last step, in its order. */
  | { readonly type: "notices"; readonly notices: readonly KernelNotice[] }
  /** Notices were lost (ENOBUFS, or our ring was full): only a dump can tell. */
  | { readonly type: "overrun" }
  /** What became of an `apply` action: one outcome per request, in order. */
  | { readonly type: "outcomes"; readonly id: number; readonly outcomes: readonly KernelOutcome[] }
  /** The armed plan of a link was carried out, as `fire` wanted it. */
  | { readonly type: "fired"; readonly index: number }
  /** What an earlier daemon kept; before the first `configure`, or never. */
  | { readonly type: "remember"; readonly memory: Memory }
  /** What became of probes, in the order in which it became known. */
  | { readonly type: "probe-results"; readonly results: readonly ProbeResult[] }
  /** An administrator's wish; answered by an `answer` action of the same id. */
  | { readonly type: "request"; readonly id: number; readonly request: AdministratorRequest }
  /** The deadline named by the last step has come. Spurious ones are harmless. */
  | { readonly type: "timer" };

/**
 * Take an interface out of service, or bring it back. `minimumRedundancy`: so many other members must be usable (in a group that
 * has failed: not offline), or the request is refused; 0 can not be refused for that.
 */
export type AdministratorRequest =
  | { readonly op: "offline"; readonly interface: string; readonly minimumRedundancy: number }
  | { readonly op: "online"; readonly interface: string };

/** A few words for the log: what set this step off. */
export function describe(event: MachineEvent): string {
  switch (event.type) {
    case "notices":
      return [...new Set(event.notices.map((notice) => notice.kind))].join(", ");
    case "outcomes":
      return `outcomes ${event.id}`;
    case "request":
      return `${event.request.op} ${event.request.interface}`;
    case "configure":
    case "fired":
    case "dump":
    case "probe-results":
    case "remember":
    case "overrun":
    case "timer":
      return event.type;
  }
}
