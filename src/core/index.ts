/** The pure IPMP machine, to drive by hand. */
export type { Action, FailoverPlan, StepResult } from "./actions.ts";
export type * from "./configuration.ts";
export type { MachineEvent } from "./events.ts";
export * from "./kernel-state/kernel-objects.ts";
export { Machine } from "./machine.ts";
export { wording } from "./message-texts.ts";
export type { Level, Message } from "./messages.ts";
export type * from "./snapshot.ts";
