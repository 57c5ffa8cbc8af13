/** Single probes as a daemon tells of them, one of each kind, written by hand. */
import type { ProbeEvent } from "../../../src/control/probes.ts";

/** When the tool that shows them was started. */
export const STARTED_AT_MS = 1_000_000;

const LOST: ProbeEvent = {
  ...{ type: "probe", interface: "eth0", group: "ipmp0", family: 4, kind: "lost", sequence: 1 },
  ...{
    method: "echo",
    source: "192.0.2.20",
    target: "192.0.2.1",
    from: null,
    sentAt: "2026-01-02T03:04:05.678Z",
    sentAtMs: STARTED_AT_MS,
  },
  ...{ networkRoundTripMs: null, roundTripMs: null, meanMs: null, deviationMs: null, refusal: null, missed: 0 },
};

/** One that was lost; `atMs` after the start. */
export function lost(atMs: number, changes: Partial<ProbeEvent> = {}): ProbeEvent {
  return { ...LOST, sentAtMs: STARTED_AT_MS + atMs, ...changes };
}

/** One that was answered by its target. */
export function answered(atMs: number, changes: Partial<ProbeEvent> = {}): ProbeEvent {
  const { target } = { ...LOST, ...changes };
  const times = { networkRoundTripMs: 0.512, roundTripMs: 0.755, meanMs: 0.755, deviationMs: 0.3776 };
  return { ...lost(atMs), kind: "answered", from: target, ...times, ...changes };
}

const FAR: Partial<ProbeEvent> = { interface: "eth2", family: 6, target: "2001:db8:1111:2222:3333:4444:5555:10" };

export const PROBES: readonly ProbeEvent[] = [
  answered(112, { sequence: 589 }),
  lost(264.9, { interface: "eth1", sequence: 612, meanMs: 0.98, deviationMs: 0 }),
  answered(-350, { interface: "eth2", sequence: 1, target: "192.0.2.254", meanMs: 0, deviationMs: null }),
  lost(1_400, { kind: "unsent", sequence: 590 }),
  lost(2_800, { kind: "refused", sequence: 591, refusal: "ENETUNREACH" }),
  answered(264.9, { interface: "eth1", sequence: 612, networkRoundTripMs: 1_500.25, roundTripMs: 1_500.5 }),
  answered(4_000, { ...FAR, sequence: 1_234_567 }),
  answered(360_000_000, { sequence: 70_000, group: "" }),
  lost(5_000, { family: 49 as ProbeEvent["family"], target: "49.0001.0a01" }),
];
