/** What the control worker and the main thread say to each other. Plain data: it is cloned on the way. */
import type { ProbeEvent } from "../control/probes.ts";
import type { RequestRefusal } from "../core/actions.ts";
import type { Configuration } from "../core/configuration.ts";
import type { AdministratorRequest } from "../core/events.ts";
import type { Memory } from "../core/memory.ts";
import type { KernelErrorCode } from "../kernel/errors.ts";
import type { TargetStatistics } from "../prober/statistics.ts";
import type { LogEntry } from "./executor.ts";
import type { Stall } from "./stall-watch.ts";
import type { View } from "./view.ts";

/** How the worker reaches the kernel, and what it does besides. */
export interface WorkerOptions {
  /** File that keeps the sysctl values from before us. */
  readonly settingsFile: string;
  /** Path of a network namespace; undefined for that of the process. */
  readonly namespace: string | undefined;
  /** Ask for SCHED_FIFO and locked memory for the I/O thread and the prober. */
  readonly realtime: boolean;
  /** The service manager's socket and watchdog interval, where it wants signs of life. */
  readonly watchdog: { readonly socket: string; readonly intervalMs: number } | undefined;
}

/** Those with an `id` are answered by a message with the same one. */
export type ToWorker =
  /** Before the first `configure`, or never. Times are on the clock of the boot. */
  | { readonly type: "remember"; readonly memory: Memory }
  | { readonly type: "configure"; readonly id: number; readonly configuration: Configuration }
  | { readonly type: "request"; readonly id: number; readonly request: AdministratorRequest }
  | { readonly type: "look"; readonly id: number }
  | { readonly type: "statistics"; readonly id: number }
  /** Whether anybody wants to hear of single probes. */
  | { readonly type: "watch-probes"; readonly wanted: boolean }
  /** The latest `probes` have arrived: more may come. */
  | { readonly type: "probes-taken" }
  | { readonly type: "release"; readonly id: number }
  | { readonly type: "close" };

export type FromWorker =
  /** A door to the kernel could not be opened: the only thing said then. */
  | { readonly type: "refused"; readonly text: string; readonly code: KernelErrorCode; readonly operation: string }
  | { readonly type: "log"; readonly entry: LogEntry }
  | { readonly type: "failed"; readonly text: string }
  | { readonly type: "recovered"; readonly text: string }
  /** The kernel has been read anew: every now and then. */
  | { readonly type: "scanned" }
  | { readonly type: "changed"; readonly view: View }
  | { readonly type: "stalled"; readonly stall: Stall }
  | { readonly type: "settled" }
  /** That configuration, or a newer one, is in place as far as the kernel lets it be. */
  | { readonly type: "configured"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly refusal: RequestRefusal | undefined }
  | { readonly type: "view"; readonly id: number; readonly view: View }
  | {
      readonly type: "statistics";
      readonly id: number;
      readonly statistics: readonly TargetStatistics[];
      readonly view: View;
    }
  /** Only while they are wanted, and only when the ones before have been taken. */
  | { readonly type: "probes"; readonly events: readonly ProbeEvent[] }
  | { readonly type: "released"; readonly id: number; readonly unfinished: readonly string[] }
  /** To be written to disk by the main thread, which nothing waits for. Times are on the clock of the boot. */
  | { readonly type: "keep"; readonly memory: Memory };
