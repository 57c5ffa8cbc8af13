import assert from "node:assert/strict";
import { constants } from "node:os";
import type { ProbePlan } from "../../../src/core/actions.ts";
import type { ProbeResult } from "../../../src/core/probing/results.ts";
import { bootClockMs } from "../../../src/daemon/clocks.ts";
import { ThreadProber } from "../../../src/daemon/thread-prober.ts";
import { type StandInThread, standIn } from "../../support/stand-in-thread.ts";

const ONE = "192.0.2.1";
const PLAN: ProbePlan = {
  ...{ index: 2, family: 4, method: "echo", source: "192.0.2.20" },
  ...{ intervalMs: 100, detectionIntervalMs: 200, discover: false },
  targets: [{ address: ONE, timeoutMs: 100 }],
};

describe("the prober port on the thread", () => {
  let thread: StandInThread;
  let prober: ThreadProber;
  let batches: (readonly ProbeResult[])[];

  beforeEach(() => {
    batches = [];
    const stand = standIn();
    prober = ThreadProber.open({ realtime: true }, { results: (results) => batches.push(results) }, stand.Thread);
    thread = stand.thread();
    prober.plan([PLAN]);
  });

  it("hands the plan down, a probe in each step", () => {
    const targets = [{ id: 1, address: ONE, timeoutMs: 100 }];
    assert.deepEqual(thread.changes, [
      { put: [{ ...PLAN, id: 1, burst: 1, secondOpinion: true, targets }], removed: [] },
    ]);
  });

  it("tells what became of probes as the machine knows it, and nothing else", () => {
    const counted = { path: 1, target: 1, sequence: 3, sentAt: bootClockMs() };
    thread.say(
      {
        kind: "answered",
        ...counted,
        from: "192.0.2.9",
        roundTripMs: 0.5,
        handledAt: counted.sentAt + 1,
        errno: 1,
      },
      { kind: "lost", ...counted },
      { kind: "unsent", ...counted },
      { kind: "refused", ...counted, errno: constants.errno.ENETDOWN },
      { kind: "measured", path: 1, target: 1, roundTripMs: 0.25 },
      { kind: "discovered", path: 1, from: "192.0.2.7" },
    );
    const [first] = batches[0] ?? [];
    assert.ok(first?.kind === "answered");
    const { sentAt, handledAt } = first;
    const probe = { index: 2, family: 4 };
    const result = { ...probe, sequence: 3, target: ONE, sentAt };
    assert.deepEqual(batches, [
      [
        { kind: "answered", ...result, from: "192.0.2.9", roundTripMs: 0.5, handledAt, stray: true, astray: false },
        { kind: "lost", ...result },
        { kind: "unsent", ...result },
        { kind: "refused", ...result, code: "ENETDOWN", text: "network is down" },
        { kind: "measured", ...probe, target: ONE, roundTripMs: 0.25 },
        { kind: "discovered", ...probe, from: "192.0.2.7" },
      ],
    ]);
    assert.ok(Math.abs(handledAt - sentAt - 1) < 1e-6);
  });

  it("tells times on the loop's clock", () => {
    const before = performance.now();
    const sentAt = bootClockMs();
    const after = performance.now();
    thread.say({ kind: "lost", path: 1, target: 1, sequence: 1, sentAt });
    const [result] = batches[0] ?? [];
    assert.ok(result?.kind === "lost");
    // The zeros of the two clocks are read one after the other, too.
    assert.ok(result.sentAt > before - 5 && result.sentAt < after + 5, `${before} ${result.sentAt} ${after}`);
  });

  it("uses its objects again, of each kind for itself", () => {
    thread.say({ kind: "lost", path: 1, target: 1, sequence: 1 }, { kind: "discovered", path: 1, from: ONE });
    thread.say({ kind: "discovered", path: 1, from: ONE }, { kind: "lost", path: 1, target: 1, sequence: 2 });
    assert.equal(batches[1]?.[0], batches[0]?.[1]);
    assert.equal(batches[1]?.[1], batches[0]?.[0]);
  });

  it("tells paths apart by link and family, and keeps them over other changes", () => {
    prober.plan([{ ...PLAN, source: "192.0.2.21" }]);
    assert.deepEqual(thread.changes.at(-1)?.removed, []);
    prober.plan([{ ...PLAN, index: 3 }]);
    assert.deepEqual(thread.changes.at(-1)?.removed, [1]);
    assert.equal(thread.changes.at(-1)?.put[0]?.id, 2);
  });

  it("tells statistics and status, and ends", async () => {
    const answer = prober.statistics();
    thread.answer({ path: 1, target: 1, sent: 4 });
    const [row] = await answer;
    assert.equal(row?.sent, 4);
    assert.equal(row?.target, ONE);
    assert.equal(prober.status().stalls, 0);
    prober.close();
    assert.equal(thread.closings, 1);
    await assert.rejects(prober.statistics(), { code: "CLOSED" });
  });
});
