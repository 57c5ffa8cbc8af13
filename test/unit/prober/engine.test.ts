import assert from "node:assert/strict";
import { constants } from "node:os";
import { KernelError } from "../../../src/kernel/errors.ts";
import { ProbeEngine } from "../../../src/prober/engine.ts";
import { ProberError } from "../../../src/prober/errors.ts";
import type { EnginePath } from "../../../src/prober/path-book.ts";
import type { ProbeRecord } from "../../../src/prober/record-reader.ts";
import { IDLE, refusalOf, StandInThread, standIn } from "../../support/stand-in-thread.ts";

type Records = readonly ProbeRecord<EnginePath>[];

function path(changes: Partial<EnginePath> = {}, ...targets: readonly string[]): EnginePath {
  return {
    ...{ key: "2/4", index: 2, family: 4, method: "echo", source: "192.0.2.20" },
    ...{ intervalMs: 100, detectionIntervalMs: 100, burst: 1, discover: false, secondOpinion: false },
    targets: targets.map((address) => ({ address, timeoutMs: 100 })),
    ...changes,
  };
}

const ONE = "192.0.2.1";
const TWO = "192.0.2.2";

describe("the engine of the prober", () => {
  let thread: StandInThread;
  let engine: ProbeEngine<EnginePath>;
  let batches: Records[];
  let told: (records: Records) => void;

  beforeEach(() => {
    batches = [];
    told = () => {};
    const stand = standIn();
    const listener = {
      records: (records: Records) => {
        batches.push(records);
        told(records);
      },
    };
    engine = ProbeEngine.open({ realtime: true }, listener, stand.Thread);
    thread = stand.thread();
  });

  function lastChange(): unknown {
    const { put, removed } = thread.changes.at(-1) ?? assert.fail("nothing was changed");
    const short = put.map(({ id, targets }) => [id, targets.map((target) => [target.id, target.address])]);
    return { put: short, removed };
  }

  describe("paths", () => {
    it("are handed down as they are, with ids", () => {
      engine.replace([path({}, ONE, TWO)]);
      assert.deepEqual(thread.changes, [
        {
          put: [
            {
              ...{ id: 1, index: 2, family: 4, method: "echo", source: "192.0.2.20" },
              ...{ intervalMs: 100, detectionIntervalMs: 100, burst: 1, discover: false, secondOpinion: false },
              targets: [
                { id: 1, address: ONE, timeoutMs: 100 },
                { id: 2, address: TWO, timeoutMs: 100 },
              ],
            },
          ],
          removed: [],
        },
      ]);
    });

    it("are left alone where they are equal, in whatever order", () => {
      const other = path({ key: "3/4", index: 3 }, ONE);
      engine.replace([path({}, ONE), other]);
      engine.replace([{ ...other }, path({}, ONE)]);
      assert.equal(thread.changes.length, 1);
    });

    it("keep their id when anything changes", () => {
      engine.replace([path({}, ONE)]);
      const changes: Partial<EnginePath>[] = [
        { index: 3 },
        { source: "192.0.2.21" },
        { intervalMs: 50 },
        { detectionIntervalMs: 200 },
        { burst: 2 },
        { discover: true },
        { secondOpinion: true },
        { method: "arp" },
        { targets: [{ address: ONE, timeoutMs: 99 }] },
      ];
      for (const change of changes) {
        engine.replace([path(change, ONE)]);
        assert.deepEqual(lastChange(), { put: [[1, [[1, ONE]]]], removed: [] });
      }
      assert.equal(thread.changes.length, 1 + changes.length);
    });

    it("keep the ids of their targets, also of one that comes back", () => {
      engine.replace([path({}, ONE, TWO)]);
      engine.replace([path({}, TWO)]);
      assert.deepEqual(lastChange(), { put: [[1, [[2, TWO]]]], removed: [] });
      engine.replace([path({}, "192.0.2.3", TWO, ONE)]);
      const targets = [
        [3, "192.0.2.3"],
        [2, TWO],
        [1, ONE],
      ];
      assert.deepEqual(lastChange(), { put: [[1, targets]], removed: [] });
    });

    it("that are gone are removed, and get another id when they return", () => {
      engine.replace([path({}, ONE)]);
      engine.replace([]);
      assert.deepEqual(lastChange(), { put: [], removed: [1] });
      engine.replace([path({}, ONE)]);
      assert.deepEqual(lastChange(), { put: [[2, [[1, ONE]]]], removed: [] });
    });

    it("are as before when the kernel refuses", () => {
      engine.replace([path({}, ONE)]);
      thread.refusal = refusalOf("changing the plan", constants.errno.ENOMEM);
      assert.throws(
        () => engine.replace([path({}, TWO)]),
        (error) => error instanceof KernelError && error.errnoName === "ENOMEM",
      );
      thread.say({ kind: "lost", path: 1, target: 1, sequence: 1 });
      assert.equal(batches[0]?.[0]?.target, ONE);
      thread.refusal = undefined;
      engine.replace([path({}, ONE)]);
      assert.equal(thread.changes.length, 1);
    });
  });

  describe("results", () => {
    it("of each kind are told with everything that there is", () => {
      engine.replace([path({}, ONE, TWO)]);
      const times = { sentAt: 1000.25, handledAt: 1000.75 };
      thread.say(
        { kind: "answered", path: 1, target: 2, sequence: 7, ...times, roundTripMs: 0.125, from: TWO },
        { kind: "refused", path: 1, target: 1, sequence: 8, ...times, roundTripMs: 0, errno: 100 },
        { kind: "discovered", path: 1, from: "192.0.2.77", sentAt: 0, handledAt: 0, roundTripMs: 0 },
      );
      const common = { path: path({}, ONE, TWO), errno: 0 };
      assert.deepEqual(batches, [
        [
          { ...common, kind: "answered", target: TWO, sequence: 7, ...times, roundTripMs: 0.125, from: TWO },
          { ...common, kind: "refused", target: ONE, sequence: 8, ...times, roundTripMs: 0, from: "", errno: 100 },
          ...[{ ...common, kind: "discovered", target: "", sequence: 0, sentAt: 0, handledAt: 0 }].map((record) => {
            return { ...record, roundTripMs: 0, from: "192.0.2.77" };
          }),
        ],
      ]);
    });

    it("come in the same objects again", () => {
      engine.replace([path({}, ONE)]);
      thread.say({ kind: "lost", path: 1, target: 1 }, { kind: "unsent", path: 1, target: 1 });
      const [first, second] = batches[0] ?? [];
      thread.say({ kind: "answered", path: 1, target: 1, from: ONE }, { kind: "lost", path: 1, target: 1 });
      assert.equal(batches[1]?.[0], first);
      assert.equal(batches[1]?.[1], second);
      assert.equal(first?.kind, "answered");
    });

    it("name whoever replied", () => {
      const six = { key: "2/6", family: 6, source: "fe80::20" } as const;
      engine.replace([path({}, ONE), path(six, "fe80::1")]);
      thread.say(
        { kind: "answered", path: 1, target: 1, from: ONE },
        { kind: "answered", path: 1, target: 1, from: TWO },
        { kind: "answered", path: 2, target: 1, from: "fe80::1" },
        { kind: "answered", path: 2, target: 1, from: "fe80::1:0:0:1" },
      );
      const from = batches[0]?.map((record) => record.from);
      assert.deepEqual(from, [ONE, TWO, "fe80::1", "fe80::1:0:0:1"]);
    });

    it("of paths and targets that are gone are dropped", () => {
      engine.replace([path({}, ONE, TWO), path({ key: "3/4" }, ONE)]);
      engine.replace([path({}, TWO)]);
      thread.say(
        { kind: "lost", path: 1, target: 1, sequence: 1 },
        { kind: "lost", path: 2, target: 1, sequence: 1 },
        { kind: "discovered", path: 2, from: TWO },
        { kind: "lost", path: 1, target: 2, sequence: 2 },
      );
      assert.deepEqual(
        batches.map((batch) => batch.map(({ target, sequence }) => [target, sequence])),
        [[[TWO, 2]]],
      );
      thread.say({ kind: "lost", path: 2, target: 1 });
      assert.equal(batches.length, 1);
    });

    it("carry the path as it was last put in force", () => {
      const [before, after] = [path({}, ONE), path({}, ONE)];
      engine.replace([before]);
      engine.replace([after]);
      thread.say({ kind: "lost", path: 1, target: 1 });
      assert.equal(batches[0]?.[0]?.path, after);
    });

    it("are told as wanted, and the thread only of changes", () => {
      for (const wanted of [true, false, false, true]) engine.recordAnswers(wanted);
      assert.deepEqual(thread.answersWanted, [false, true]);
    });
  });

  describe("statistics", () => {
    const counted = { sent: 9, answered: 5, lost: 3, unsent: 1, duplicate: 1, wrongSource: 2, late: 3, tooOld: 4 };
    const times = { meanMs: 0.5, deviationMs: 0.25, minimumMs: 0.125, maximumMs: 2, lossRate: 0.375 };

    it("come in the order of the paths", async () => {
      engine.replace([path({}, ONE, TWO), path({ key: "3/4", index: 3 }, ONE)]);
      const answer = engine.statistics();
      const fresh = { sent: 0, answered: 0, lost: 0, unsent: 0, duplicate: 0, wrongSource: 0, late: 0, tooOld: 0 };
      thread.answer(
        { path: 2, target: 1, ...fresh },
        { path: 1, target: 2, ...counted, ...times },
        { path: 1, target: 9, ...fresh },
        { path: 1, target: 1, ...fresh },
      );
      const of = { index: 2, family: 4, method: "echo", source: "192.0.2.20" };
      const unknown = { meanMs: null, deviationMs: null, minimumMs: null, maximumMs: null, lossRate: null };
      assert.deepEqual(
        (await answer).map(({ statistics }) => statistics),
        [
          { ...of, target: ONE, ...fresh, ambiguous: 0, ...unknown },
          { ...of, target: TWO, ...counted, ambiguous: 7, ...times },
          { ...of, index: 3, target: ONE, ...fresh, ambiguous: 0, ...unknown },
        ],
      );
    });

    it("have targets that are not asked at present behind the others", async () => {
      engine.replace([path({}, ONE, TWO)]);
      engine.replace([path({}, TWO, "192.0.2.3")]);
      const answer = engine.statistics();
      thread.answer({ path: 1, target: 1, sent: 1 }, { path: 1, target: 2, sent: 2 }, { path: 1, target: 3, sent: 3 });
      const rows = (await answer).map(({ statistics }) => [statistics.target, statistics.sent]);
      assert.deepEqual(rows, [
        [TWO, 2],
        ["192.0.2.3", 3],
        [ONE, 1],
      ]);
    });

    it("answer the oldest question first", async () => {
      engine.replace([path({}, ONE)]);
      const answers = [engine.statistics(), engine.statistics()];
      for (const sent of [1, 2]) thread.answer({ path: 1, target: 1, sent });
      const sents = (await Promise.all(answers)).map(([row]) => row?.statistics.sent);
      assert.deepEqual(sents, [1, 2]);
    });

    it("reject where the kernel refuses, and when the engine is closed", async () => {
      const waiting = engine.statistics();
      thread.refusal = refusalOf("asking", constants.errno.EPERM);
      await assert.rejects(engine.statistics(), KernelError);
      engine.close();
      await assert.rejects(waiting, (error) => error instanceof ProberError && error.code === "CLOSED");
      await assert.rejects(engine.statistics(), { code: "CLOSED" });
    });
  });

  describe("its thread", () => {
    it("is opened with what was wished, and defaults", () => {
      const { records, ...rest } = thread.options;
      assert.deepEqual(rest, { netns: "", realtime: true, ringRecords: 32_768 });
      assert.equal(records.byteLength % 64, 0);
      const stand = standIn();
      const options = { netns: "/run/netns/blue", realtime: false, ringRecords: 64 };
      ProbeEngine.open(options, { records: () => {} }, stand.Thread);
      assert.equal(stand.thread().options.netns, "/run/netns/blue");
      assert.equal(stand.thread().options.ringRecords, 64);
    });

    it("that can not be opened is a KernelError", () => {
      class Refusing extends StandInThread {
        constructor(...[options, callback]: ConstructorParameters<typeof StandInThread>) {
          super(options, callback);
          throw refusalOf("opening a raw socket", constants.errno.EPERM);
        }
      }
      assert.throws(
        () => ProbeEngine.open({ realtime: true }, { records: () => {} }, Refusing),
        (error) => error instanceof KernelError && /EPERM; run as root/.test(error.message),
      );
    });

    it("is asked for more in a later turn of the event loop, also where the listener throws", async () => {
      engine.replace([path({}, ONE)]);
      told = () => {
        throw new Error("on purpose");
      };
      assert.throws(() => thread.say({ kind: "lost", path: 1, target: 1 }), /on purpose/);
      assert.equal(thread.drains, 0);
      await new Promise(setImmediate);
      assert.equal(thread.drains, 1);
    });

    it("is ended once, and says nothing more", () => {
      engine.replace([path({}, ONE)]);
      thread.present = { ...IDLE, stalls: 3 };
      told = () => engine.close();
      thread.say({ kind: "lost", path: 1, target: 1 });
      thread.say({ kind: "lost", path: 1, target: 1 });
      engine.close();
      engine.recordAnswers(false);
      assert.equal(batches.length, 1);
      assert.equal(thread.closings, 1);
      assert.deepEqual(thread.answersWanted, []);
      assert.equal(engine.status().stalls, 3);
      assert.throws(() => engine.replace([]), { code: "CLOSED" });
    });
  });
});
