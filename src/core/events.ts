/** Facts that enter the machine, one per step. */
import type { Configuration } from "./configuration.ts";
import type { KernelNotice, KernelOutcome, KernelPicture } from "./kernel-state/kernel-objects.ts";

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
  /** The deadline named by the last step has come. Spurious ones are harmless. */
  | { readonly type: "timer" };

/** A few words for the log: what set this step off. */
export function describe(event: MachineEvent): string {
  switch (event.type) {
    case "notices":
      return [...new Set(event.notices.map((notice) => notice.kind))].join(", ");
    case "outcomes":
      return `outcomes ${event.id}`;
    case "configure":
    case "dump":
    case "overrun":
    case "timer":
      return event.type;
  }
}
