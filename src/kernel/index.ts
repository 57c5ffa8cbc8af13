export { KernelError, type KernelErrorCode } from "./errors.ts";
export { type MachineFacts, machineFacts, missingFeatures } from "./features.ts";
export { notifyServiceManager } from "./notify.ts";
export type { KernelListener, KernelPort, KernelStatus } from "./port.ts";
export { Rtnetlink, type RtnetlinkOptions } from "./rtnetlink.ts";
