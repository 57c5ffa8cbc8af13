import assert from "node:assert/strict";
import { ProbeEngine } from "../../../src/prober/engine.ts";
import { Prober, type ProberEvents } from "../../../src/prober/prober.ts";
import type { ProberResult } from "../../../src/prober/prober-result.ts";
import { type SaidRecord, type StandInThread, standIn } from "../../support/stand-in-thread.ts";

const TARGET = "192.0.2.1";
const PATH = { interface: "eth0", source: "192.0.2.20", targets: [TARGET], intervalMs: 100 };
const PROBE = { path: 1, target: 1, sequence: 1, sentAt: Number(process.hrtime.bigint()) / 1e6 };
const ANSWERED: SaidRecord = { kind: "answered", ...PROBE, roundTripMs: 0.5, from: TARGET };

function sequencesOf(results: readonly ProberResult[]): (number | undefined)[] {
  return results.map((result) => (result.kind === "discovered" ? undefined : result.sequence));
}

describe("the prober as a library", () => {
  let thread: StandInThread;
  let prober: Prober;

  beforeEach(() => {
    const stand = standIn();
    prober = new Prober((listener) => ProbeEngine.open({ realtime: true }, listener, stand.Thread));
    thread = stand.thread();
    thread.links = new Map([["eth0", 2]]);
    prober.probe([PATH]);
  });

  function heard<Event extends keyof ProberEvents>(event: Event): ProberResult[] {
    const results: ProberResult[] = [];
    (prober.on as (event: string, listener: (result: ProberResult) => void) => void).call(prober, event, (result) => {
      results.push(result);
    });
    return results;
  }

  it("hands paths down", () => {
    const target = { id: 1, address: TARGET, timeoutMs: 100 };
    const of = { id: 1, index: 2, family: 4, method: "echo", source: "192.0.2.20", targets: [target] };
    const rest = { intervalMs: 100, detectionIntervalMs: 100, burst: 1, discover: false, secondOpinion: false };
    assert.deepEqual(thread.changes, [{ put: [{ ...of, ...rest }], removed: [] }]);
  });

  it("changes nothing when an argument is refused", () => {
    assert.throws(() => prober.probe([{ ...PATH, intervalMs: -1 }]), { code: "BAD_ARGUMENT" });
    assert.throws(() => prober.probe([{ ...PATH, interface: "eth9" }]), { code: "UNKNOWN_INTERFACE" });
    assert.equal(thread.changes.length, 1);
  });

  it("refuses options that can not be meant", () => {
    const open = Prober.open as (options: unknown) => Prober;
    for (const options of [null, { realtime: "yes" }, { namespace: 7 }, { netns: "/run/netns/x" }]) {
      assert.throws(() => open(options), { code: "BAD_ARGUMENT" });
    }
    const results = prober.results.bind(prober) as (options: unknown) => unknown;
    for (const options of [{ limit: 0 }, { limit: Number.NaN }, { signal: "now" }, { max: 1 }]) {
      assert.throws(() => results(options), { code: "BAD_ARGUMENT" });
    }
    assert.deepEqual(thread.answersWanted, [false]);
  });

  it("emits results of each kind, in objects of their own", () => {
    const [all, answered, lost] = [heard("result"), heard("answered"), heard("lost")];
    const [unsent, refused, discovered] = [heard("unsent"), heard("refused"), heard("discovered")];
    const discovery: SaidRecord = { kind: "discovered", path: 1, from: "192.0.2.9" };
    thread.say(ANSWERED, { kind: "lost", ...PROBE }, { kind: "unsent", ...PROBE });
    thread.say({ kind: "refused", ...PROBE, errno: 100 }, { kind: "measured", ...PROBE }, discovery);
    const of = { name: "", interface: "eth0", family: 4, method: "echo", source: "192.0.2.20" };
    const [first] = answered;
    assert.ok(first?.kind === "answered");
    const { sentAt, sentAtMonotonic } = first;
    const probe = { ...of, target: TARGET, sequence: 1, sentAt, sentAtMonotonic };
    assert.deepEqual(answered, [{ kind: "answered", ...probe, from: TARGET, roundTripMs: 0.5 }]);
    assert.deepEqual(lost, [{ kind: "lost", ...probe }]);
    assert.deepEqual(unsent, [{ kind: "unsent", ...probe }]);
    assert.deepEqual(refused, [{ kind: "refused", ...probe, code: "ENETDOWN", text: "network is down" }]);
    assert.deepEqual(discovered, [{ kind: "discovered", ...of, from: "192.0.2.9" }]);
    assert.deepEqual(all, [...answered, ...lost, ...unsent, ...refused, ...discovered]);
  });

  it("tells times of day, and times that nobody sets", () => {
    const [lost] = [heard("lost")];
    thread.say({ kind: "lost", ...PROBE, sentAt: Number(process.hrtime.bigint()) / 1e6 });
    const [result] = lost;
    assert.ok(result?.kind === "lost");
    assert.ok(Math.abs(result.sentAt - Date.now()) < 1000);
    assert.ok(Math.abs(result.sentAtMonotonic - performance.now()) < 1000);
  });

  describe("answers", () => {
    const wanted = () => thread.answersWanted.at(-1);

    it("are only counted while nobody listens", () => {
      assert.equal(wanted(), false);
      const ignore = () => {};
      prober.on("lost", ignore);
      assert.equal(wanted(), false);
      prober.on("answered", ignore).on("result", ignore);
      assert.equal(wanted(), true);
      prober.off("answered", ignore);
      assert.equal(wanted(), true);
      prober.off("result", ignore);
      assert.equal(wanted(), false);
    });

    it("are wanted once by a listener for once", () => {
      prober.once("answered", () => {});
      assert.equal(wanted(), true);
      thread.say(ANSWERED);
      assert.equal(wanted(), false);
    });

    it("are followed also when all listeners were removed", () => {
      heard("answered");
      prober.removeAllListeners();
      assert.equal(wanted(), false);
      const answered = heard("answered");
      assert.equal(wanted(), true);
      thread.say(ANSWERED);
      assert.equal(answered.length, 1);
      prober.removeAllListeners("answered");
      assert.equal(wanted(), false);
    });

    it("are wanted while somebody iterates", async () => {
      const results = prober.results();
      assert.equal(wanted(), true);
      await results.return();
      assert.equal(wanted(), false);
    });

    it("are not wanted by who has ended before the beginning", async () => {
      const results = prober.results({ signal: AbortSignal.abort() });
      assert.equal(wanted(), false);
      assert.deepEqual(await results.next(), { done: true, value: undefined });
    });
  });

  describe("for await", () => {
    const lost = (sequence: number): SaidRecord => ({ kind: "lost", ...PROBE, sequence });

    it("gives what came since the call, and waits for more", async () => {
      const results = prober.results();
      thread.say(lost(1), lost(2));
      const seen: ProberResult[] = [];
      for await (const result of results) {
        seen.push(result);
        if (seen.length === 2) queueMicrotask(() => thread.say(lost(3)));
        if (seen.length === 3) break;
      }
      assert.deepEqual(sequencesOf(seen), [1, 2, 3]);
      assert.equal(results.open, false);
      assert.equal(results.dropped, 0);
    });

    it("ends by its signal, at once", async () => {
      const end = new AbortController();
      const results = prober.results({ signal: end.signal });
      const waiting = results.next();
      end.abort();
      assert.equal((await waiting).done, true);
      thread.say(lost(1));
      assert.equal((await results.next()).done, true);
    });

    it("forgets what waits when its signal says so", async () => {
      const end = new AbortController();
      const results = prober.results({ signal: end.signal });
      thread.say(lost(1));
      end.abort();
      assert.equal((await results.next()).done, true);
    });

    it("drops the oldest for who is slow, and counts them", async () => {
      const results = prober.results({ limit: 2 });
      thread.say(lost(1), lost(2), lost(3));
      thread.say(lost(4), lost(5));
      assert.equal(results.dropped, 3);
      const seen = [await results.next(), await results.next()].map(({ value }) => value);
      assert.deepEqual(sequencesOf(seen.filter((result) => result !== undefined)), [4, 5]);
    });

    it("serves readers in turn, each stream for itself", async () => {
      const [one, other] = [prober.results(), prober.results()];
      const reads = [one.next(), one.next(), other.next()];
      thread.say(lost(1), lost(2));
      const values = (await Promise.all(reads)).map(({ value }) => value).filter((result) => result !== undefined);
      assert.deepEqual(sequencesOf(values), [1, 2, 1]);
    });

    it("gives what waits when the prober is closed, and ends then", async () => {
      const results = prober.results();
      thread.say(lost(1));
      const empty = prober.results().next();
      prober.close();
      assert.equal((await empty).done, true);
      assert.equal((await results.next()).done, false);
      assert.equal((await results.next()).done, true);
    });
  });

  it("tells statistics with the names of interfaces", async () => {
    prober.probe([{ ...PATH, name: "uplink" }]);
    const answer = prober.statistics();
    thread.answer({ path: 2, target: 1, sent: 7 });
    const [row] = await answer;
    assert.deepEqual([row?.interface, row?.name, row?.target, row?.sent], ["eth0", "uplink", TARGET, 7]);
  });

  it("says nothing more once closed, even by a listener", async () => {
    const results = heard("result");
    prober.on("lost", () => prober.close());
    const pending = prober.statistics();
    thread.say({ kind: "lost", ...PROBE }, { kind: "unsent", ...PROBE });
    assert.deepEqual(results, []);
    await assert.rejects(pending, { code: "CLOSED" });
    prober[Symbol.dispose]();
    assert.equal(thread.closings, 1);
    assert.equal(prober.status().stalls, 0);
    assert.throws(() => prober.probe([]), { code: "CLOSED" });
    assert.throws(() => prober.results(), { code: "CLOSED" });
  });
});
