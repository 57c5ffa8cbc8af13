/** Embed the whole daemon in a program: `await Ipmp.start(await loadConfig(file))`. */
export {
  ConfigurationError,
  loadConfig,
  loadConfiguration,
  type ParsedConfiguration,
  parseConfiguration,
} from "./config/index.ts";
export type { ChangeEvent, MessageEvent, StateEvent } from "./control/events.ts";
export type { ProbeEvent, ProbeKind, ProbeStatistics, ProbesReport } from "./control/probes.ts";
export type * from "./core/configuration.ts";
export { IpmpError } from "./core/errors.ts";
export type * from "./core/snapshot.ts";
export { DaemonError, RequestRefusedError } from "./daemon/errors.ts";
export { Ipmp, type IpmpEvents, type IpmpOptions, type OfflineOptions, type WaitOptions } from "./daemon/ipmp.ts";
export type { Stall } from "./daemon/stall-watch.ts";
export { KernelError } from "./kernel/errors.ts";
export type { KernelStatus } from "./kernel/port.ts";
export type { ProberStatus } from "./prober/statistics.ts";
