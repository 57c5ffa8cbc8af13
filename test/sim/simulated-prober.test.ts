/** The simulated prober keeps the rules that the machine relies on: rhythm, rotation, when a probe is lost, and whose fault it was. */
import assert from "node:assert/strict";
import type { ProbePlan } from "../../src/core/actions.ts";
import type { ProbeResult } from "../../src/core/probing/results.ts";
import { Random } from "../support/random.ts";
import { SimulatedProber } from "../support/simulated-prober.ts";
import { SimulatedSegment } from "../support/simulated-segment.ts";

const SOURCE = "192.0.2.20";
const NEAR = "192.0.2.1";
const FAR = "192.0.2.2";

class Bench {
  readonly random = new Random(1);
  reversePathFilter = "0";
  readonly host = {
    nowMs: 0,
    links: [{ index: 2, adminUp: true, carrier: true }],
    peer: { believes: () => true },
    addresses: { on: (index: number) => (index === 2 ? [{ address: SOURCE, tentative: false }] : []) },
    settings: { of: () => ({ "ipv4.rp_filter": this.reversePathFilter }) },
    routing: { leadsTo: (address: string) => address === NEAR },
  };
  readonly segment = new SimulatedSegment(() => this.random.next());
  readonly prober = new SimulatedProber(this.host, this.segment, () => this.random.next());

  constructor() {
    this.prober.jitter = false;
    this.segment.setHost(NEAR);
    this.segment.setHost(FAR, { delayMs: 3 });
  }

  probe(changes: Partial<ProbePlan> = {}): void {
    const targets = [
      { address: NEAR, timeoutMs: 1_000 },
      { address: FAR, timeoutMs: 1_000 },
    ];
    const rhythm = { intervalMs: 1_000, detectionIntervalMs: 1_000 };
    const plan: ProbePlan = {
      index: 2,
      family: 4,
      method: "echo",
      source: SOURCE,
      ...rhythm,
      targets,
      discover: false,
    };
    this.prober.setPlan([{ ...plan, ...changes }]);
  }

  /** Everything that is found until `nowMs`. */
  runUntil(nowMs: number): readonly ProbeResult[] {
    for (;;) {
      const next = this.prober.nextAtMs ?? Number.POSITIVE_INFINITY;
      if (next > nowMs) break;
      this.host.nowMs = next;
      this.prober.advance();
    }
    this.host.nowMs = nowMs;
    return this.prober.takeResults();
  }
}

function brief(results: readonly ProbeResult[]): string[] {
  return results.map((result) => `${result.kind} ${"sequence" in result ? result.sequence : ""}`.trim());
}

describe("simulated prober", () => {
  it("asks the targets in turn, and measures the round trip", () => {
    const bench = new Bench();
    bench.probe();
    const results = bench.runUntil(3_500).filter((result) => result.kind === "answered");
    assert.deepEqual(
      results.map(({ sequence, from, sentAt, roundTripMs }) => [sequence, from, sentAt, roundTripMs]),
      [
        [1, NEAR, 1_000, 1],
        [2, FAR, 2_000, 3],
        [3, NEAR, 3_000, 1],
      ],
    );
  });

  it("asks each target once a round, in changing orders, and none later than five probes after the last time", () => {
    for (const count of [2, 3, 4, 5]) {
      const bench = new Bench();
      bench.prober.jitter = true;
      const names = Array.from({ length: count }, (_, at) => `192.0.2.${101 + at}`);
      for (const name of names) bench.segment.setHost(name);
      bench.probe({ targets: names.map((address) => ({ address, timeoutMs: 1_000 })) });
      const results = bench.runUntil(400_000);
      const asked = results.map((result) => ("target" in result ? result.target : ""));
      const orders = new Set<string>();
      for (let at = 0; at + count <= asked.length; at += count) {
        const round = asked.slice(at, at + count);
        assert.deepEqual([...round].sort(), names);
        orders.add(round.join());
      }
      assert.equal(orders.size > 1, count < 5);
      for (let at = 5; at < asked.length; at++) assert.ok(asked.slice(at - 5, at).includes(asked[at] ?? ""), `${at}`);
    }
  });

  it("displaces probes by half to a whole step from a strict grid", () => {
    const bench = new Bench();
    bench.prober.jitter = true;
    bench.probe({ intervalMs: 1_428, detectionIntervalMs: 1_428, targets: [{ address: NEAR, timeoutMs: 1_428 }] });
    const moments = bench.runUntil(1_428_000).map((result) => ("sentAt" in result ? result.sentAt : 0));
    const gaps = moments.slice(2).map((moment, at) => moment - (moments[at + 1] ?? 0));
    assert.ok(Math.min(...gaps) >= 714 && Math.max(...gaps) <= 2_142, `${Math.min(...gaps)}..${Math.max(...gaps)}`);
    assert.ok(Math.abs((moments.at(-1) ?? 0) / moments.length - 1_428) < 5, "the mean is the step");
  });

  it("calls a probe lost when the next is due and its time is over; the second latest in any case", () => {
    const bench = new Bench();
    bench.segment.setPath(2, "dead");
    bench.probe();
    assert.deepEqual(brief(bench.runUntil(1_999)), []);
    assert.deepEqual(brief(bench.runUntil(3_000)), ["lost 1", "lost 2"]);
    const patient = new Bench();
    patient.segment.setPath(2, "dead");
    patient.probe({ targets: [{ address: NEAR, timeoutMs: 1_500 }] });
    assert.deepEqual(brief(patient.runUntil(2_999)), []);
    assert.deepEqual(brief(patient.runUntil(3_000)), ["lost 1"]);
  });

  it("hears nobody to whom no route leads, where the kernel filters by that", () => {
    const heard = (changes: Partial<ProbePlan>) => {
      const bench = new Bench();
      bench.reversePathFilter = "2";
      bench.probe(changes);
      return brief(bench.runUntil(2_500).filter(({ kind }) => kind === "answered"));
    };
    assert.deepEqual(heard({}), ["answered 1"]);
    assert.deepEqual(heard({ method: "arp" }), ["answered 1", "answered 2"]);
  });

  it("reports an answer that comes after all", () => {
    const bench = new Bench();
    bench.segment.setPath(2, "held");
    bench.probe();
    assert.deepEqual(brief(bench.runUntil(2_500)), ["lost 1"]);
    bench.segment.setPath(2, "alive");
    bench.prober.releaseHeld();
    assert.deepEqual(brief(bench.runUntil(2_600)), ["answered 1", "answered 2"]);
  });

  it("owns up to the steps that it slept through, and sends no burst", () => {
    const bench = new Bench();
    bench.probe();
    bench.runUntil(2_500);
    bench.prober.stall(3_000);
    assert.deepEqual(brief(bench.runUntil(5_600)), ["unsent 3", "unsent 4", "answered 5"]);
  });

  it("goes on undisturbed where a new plan changes nothing of the source", () => {
    const bench = new Bench();
    bench.probe();
    bench.runUntil(1_500);
    bench.probe({ targets: [{ address: FAR, timeoutMs: 500 }] });
    assert.deepEqual(brief(bench.runUntil(2_100)), ["answered 2"]);
    bench.probe({ source: "192.0.2.99" });
    assert.deepEqual(brief(bench.runUntil(3_100)), ["refused 3"]);
  });

  it("loses what a link without carrier swallows", () => {
    const bench = new Bench();
    bench.host.links = [{ index: 2, adminUp: true, carrier: false }];
    bench.probe();
    assert.deepEqual(brief(bench.runUntil(2_000)), ["lost 1"]);
  });

  it("only measures between the counted probes while the detection interval is raised", () => {
    const bench = new Bench();
    bench.probe({ detectionIntervalMs: 3_000 });
    assert.deepEqual(brief(bench.runUntil(4_500)), ["answered 1", "measured", "measured", "answered 2"]);
  });

  it("asks all hosts where it is told to; routers keep silent", () => {
    const bench = new Bench();
    bench.segment.setHost(NEAR, { answersMulticast: false });
    bench.probe({ targets: [], discover: true });
    const [first, ...rest] = bench.runUntil(1_500);
    assert.deepEqual([first, rest.length], [{ kind: "discovered", index: 2, family: 4, from: FAR }, 0]);
  });
});
