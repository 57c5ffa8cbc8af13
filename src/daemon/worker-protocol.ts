/** What the control worker and the main thread say to each other. Plain data: it is cloned on the way. */
import type { Configuration } from "../core/configuration.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { KernelErrorCode } from "../kernel/errors.ts";
import type { KernelStatus } from "../kernel/port.ts";
import type { LogEntry } from "./executor.ts";

/** How the worker reaches the kernel, and what it does besides. */
export interface WorkerOptions {
  /** File that keeps the sysctl values from before us. */
  readonly settingsFile: string;
  /** Path of a network namespace; undefined for that of the process. */
  readonly namespace: string | undefined;
  /** Ask for SCHED_FIFO and locked memory for the I/O thread. */
  readonly realtime: boolean;
  /** The service manager's socket and watchdog interval, where it wants signs of life. */
  readonly watchdog: { readonly socket: string; readonly intervalMs: number } | undefined;
}

export type ToWorker =
  | { readonly type: "configure"; readonly configuration: Configuration }
  | { readonly type: "release" }
  | { readonly type: "close" };

export type FromWorker =
  /** The door to the kernel could not be opened: the only thing said then. */
  | { readonly type: "refused"; readonly text: string; readonly code: KernelErrorCode; readonly operation: string }
  | { readonly type: "log"; readonly entry: LogEntry }
  | { readonly type: "failed"; readonly text: string }
  | { readonly type: "changed"; readonly snapshot: Snapshot; readonly status: KernelStatus }
  | { readonly type: "settled" }
  | { readonly type: "released"; readonly unfinished: readonly string[] };
