/** Probe other hosts from a program of your own: see docs/prober.md. */
export { IpmpError } from "../core/errors.ts";
export { KernelError, type KernelErrorCode } from "../kernel/errors.ts";
export { ProberError, type ProberErrorCode } from "./errors.ts";
export { PROBE_LIMITS, type ProbePath } from "./probe-path.ts";
export { Prober, type ProberEvents, type ProberOptions, type ProberStatistics } from "./prober.ts";
export type {
  AnsweredResult,
  DiscoveredResult,
  LostResult,
  ProberResult,
  RefusedResult,
  ResultKind,
  UnsentResult,
} from "./prober-result.ts";
export type { ResultStream, ResultStreamOptions } from "./result-stream.ts";
export type { ProberStatus, TargetStatistics } from "./statistics.ts";
