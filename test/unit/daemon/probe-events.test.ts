import assert from "node:assert/strict";
import type { ProbeResult } from "../../../src/core/probing/results.ts";
import { type ProbeContext, probeEvents } from "../../../src/daemon/probe-events.ts";
import { SNAPSHOT } from "../control/support.ts";

/** eth0 of ipmp0. */
const INDEX = 2;
const ON_ETH0 = { index: INDEX, family: 4, sequence: 7, target: "192.0.2.1", sentAt: 1_000 } as const;
const ANSWERED = { ...ON_ETH0, kind: "answered", from: "192.0.2.1", roundTripMs: 0.5, handledAt: 1_000.75 } as const;

const CONTEXT = {
  interfaces: SNAPSHOT.interfaces,
  plans: [{ index: INDEX, family: 4, method: "echo", source: "192.0.2.20" }] as ProbeContext["plans"],
  toWall: (ms: number) => new Date(ms).toISOString(),
  toBootMs: (ms: number) => ms + 50_000,
  target: (index: number, family: number, address: string) =>
    index === INDEX && family === 4 && address === "192.0.2.1" ? { meanMs: 0.6, deviationMs: 0.1 } : undefined,
};

const NOT_ANSWERED = {
  ...{ type: "probe", interface: "eth0", group: "ipmp0", family: 4, sequence: 7, target: "192.0.2.1" },
  ...{ method: "echo", source: "192.0.2.20", from: null, sentAt: "1970-01-01T00:00:01.000Z", sentAtMs: 51_000 },
  ...{ networkRoundTripMs: null, roundTripMs: null, meanMs: 0.6, deviationMs: 0.1, refusal: null, missed: 0 },
};

describe("probe events", () => {
  it("tell of an answer with its names, times on both clocks, both round trips and the figures of the target", () => {
    const answer = { kind: "answered", from: "192.0.2.1", networkRoundTripMs: 0.5, roundTripMs: 0.75 };
    assert.deepEqual(probeEvents([ANSWERED], CONTEXT), [{ ...NOT_ANSWERED, ...answer }]);
  });

  it("tell of every other fate without what only answers have", () => {
    const results: ProbeResult[] = [
      { ...ON_ETH0, kind: "lost" },
      { ...ON_ETH0, kind: "unsent" },
      { ...ON_ETH0, kind: "refused", code: "ENETUNREACH", text: "Network is unreachable" },
    ];
    assert.deepEqual(probeEvents(results, CONTEXT), [
      { ...NOT_ANSWERED, kind: "lost" },
      { ...NOT_ANSWERED, kind: "unsent" },
      { ...NOT_ANSWERED, kind: "refused", refusal: "ENETUNREACH" },
    ]);
  });

  it("have no figures of what is no target any more, and name whoever answered", () => {
    const [event] = probeEvents([{ ...ANSWERED, target: "192.0.2.9" }], CONTEXT);
    assert.deepEqual([event?.meanMs, event?.deviationMs, event?.from], [null, null, "192.0.2.1"]);
  });

  it("tell ARP requests from pings", () => {
    const plans = [{ index: INDEX, family: 4, method: "arp", source: "0.0.0.0" }] as const;
    const [event] = probeEvents([ANSWERED], { ...CONTEXT, plans });
    assert.deepEqual([event?.method, event?.source], ["arp", "0.0.0.0"]);
  });

  it("leave out probes that only measure or look for hosts, and links and paths that are not there any more", () => {
    const others: ProbeResult[] = [
      { index: INDEX, family: 4, kind: "measured", target: "192.0.2.1", roundTripMs: 1 },
      { index: INDEX, family: 4, kind: "discovered", from: "192.0.2.40" },
      { ...ANSWERED, index: 99 },
      { ...ANSWERED, family: 6 },
    ];
    assert.deepEqual(probeEvents(others, CONTEXT), []);
  });

  it("are copies", () => {
    const result = { ...ANSWERED, sequence: 7 as number };
    const events = probeEvents([result], CONTEXT);
    result.sequence = 8;
    assert.equal(events[0]?.sequence, 7);
  });
});
