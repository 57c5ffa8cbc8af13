import assert from "node:assert/strict";
import { isDead, lossesExpected, lossesNeeded } from "../../../../src/core/probing/shared-losses.ts";
import { failureVerdict } from "../../../../src/core/probing/verdict.ts";
import { Random } from "../../../support/random.ts";
import { Bench, PAIR, type Setting } from "./support.ts";

const THREE: Setting = {
  members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"], c: ["192.0.2.23/24"] },
  targets: ["192.0.2.1"],
};

const ALONE: Setting = { members: { a: ["192.0.2.21/24"] }, targets: ["192.0.2.1"] };

/** Everybody loses this share of the probes, for so many rounds; calls back after each. */
function lossy(bench: Bench, share: number, rounds: number, after: (name: string) => void = () => undefined): void {
  const random = new Random(1);
  for (let round = 0; round < rounds; round++) {
    for (const { configuration } of bench.group.members) {
      bench.probe(configuration.name, random.chance(share) ? "lost" : "answered");
      after(configuration.name);
    }
  }
}

/** Slowing down is held to be of no use. */
function keepPace({ group }: Bench): void {
  group.limit.futileUntil = Number.POSITIVE_INFINITY;
}

function dead(bench: Bench, name: string): boolean {
  return isDead(bench.group, bench.instance(name));
}

describe("losses that members share", () => {
  for (const share of [0.1, 0.3, 0.64]) {
    it(`a share of ${share} of all probes, lost by everybody alike, is held against nobody`, () => {
      // Five losses in a row out of a blue sky are a failure where nobody else is there to tell otherwise.
      for (const setting of share > 0.5 ? [PAIR, THREE] : [PAIR, THREE, ALONE]) {
        const bench = new Bench(setting);
        lossy(bench, 0.05, 100);
        lossy(bench, share, 3_000, (name) => assert.equal(failureVerdict(bench.group, bench.member(name)), "none"));
      }
    });
  }

  it("a dead path is found among them, later", () => {
    const bench = new Bench(PAIR);
    lossy(bench, 0.3, 300);
    const random = new Random(2);
    let lost = 0;
    while (!dead(bench, "a")) {
      bench.probe("a", "lost");
      bench.probe("b", random.chance(0.3) ? "lost" : "answered");
      assert.ok(++lost < 30, `${lost}`);
    }
    assert.ok(lost > 5);
    assert.equal(failureVerdict(bench.group, bench.member("a")), "interface");
  });

  it("a path that is dead is found out however much the others lose: by answers that all are for another one", () => {
    const bench = new Bench({ ...PAIR, failureDetectionTimeMs: 100 });
    keepPace(bench);
    const rounds = (count: number) => {
      for (let round = 0; round < count; round++) {
        bench.probe("b", round % 14 === 13 ? "answered" : "lost");
        bench.file("a", "lost");
      }
    };
    bench.many(20, "a", "answered");
    rounds(24 * 14 - 1);
    assert.ok(!dead(bench, "a"));
    rounds(2 * 14);
    assert.equal(failureVerdict(bench.group, bench.member("a")), "interface");
    assert.ok(!dead(bench, "b"));
  });

  it("with a limit answers are now for the one and now for the other, and no path is dead", () => {
    const bench = new Bench({ ...PAIR, failureDetectionTimeMs: 100 });
    keepPace(bench);
    bench.group.limit.losses = { lost: 36, of: 40 };
    const random = new Random(1);
    for (let round = 0; round < 3_000; round++) {
      const answered = round % 10 === 0 ? random.pick(["a", "b"]) : "";
      for (const name of ["a", "b"]) {
        bench.probe(name, name === answered ? "answered" : "lost");
        assert.equal(failureVerdict(bench.group, bench.member(name)), "none");
      }
    }
  });

  it("one that nobody answers is found where the others are answered by the longest time in force at last", () => {
    const bench = new Bench({ ...PAIR, failureDetectionTimeCapMs: 10_000 });
    for (let round = 0; round < 200; round++) bench.probe("b", round % 20 > 0 ? "lost" : "answered");
    for (let run = 1; run < 48; run++) {
      bench.probe("a", "lost");
      bench.file("b", run % 20 > 0 ? "lost" : "answered");
      assert.ok(!dead(bench, "a"));
    }
    bench.probe("a", "lost");
    assert.ok(dead(bench, "a"));
  });

  it("where a limit was found before, silence has to be longer than pauses between its answers", () => {
    const bench = new Bench({ ...PAIR, failureDetectionTimeMs: 100 });
    for (const name of ["a", "b"]) bench.many(20, name, "answered");
    bench.group.limit.losses = { lost: 10, of: 40 };
    const silent = (rounds: number) => {
      for (let round = 0; round < rounds; round++) for (const name of ["a", "b"]) bench.probe(name, "lost");
      return dead(bench, "a");
    };
    assert.deepEqual([silent(5), silent(10), silent(8)], [false, false, true]);
    assert.equal(failureVerdict(bench.group, bench.member("a")), "group");
    bench.group.limit.losses = { lost: 39, of: 40 };
    assert.deepEqual([silent(20), silent(5)], [false, true]);
  });

  it("says how many losses a verdict will take", () => {
    const { group } = new Bench({ ...PAIR, failureDetectionTimeMs: 100 });
    const expected = [
      [0, 40],
      [10, 40],
      [30, 40],
      [38, 40],
      [40, 40],
    ] as const;
    assert.deepEqual(
      expected.map(([lost, of]) => lossesExpected(group, { lost, of })),
      [5, 19, 96, 480, 960],
    );
  });

  it("where others lose nothing five are enough, however lossy the path was before", () => {
    const bench = new Bench(THREE);
    for (let round = 0; round < 30; round++)
      for (const name of ["a", "b", "c"]) bench.probe(name, name === "a" && round % 3 > 0 ? "lost" : "answered");
    for (let round = 0; round < 5; round++)
      for (const name of ["a", "b", "c"]) bench.probe(name, name === "a" ? "lost" : "answered");
    assert.equal(failureVerdict(bench.group, bench.member("a")), "interface");
  });

  it("one other that loses much does not hide it, as long as a third one loses nothing", () => {
    const bench = new Bench(THREE);
    for (let round = 0; round < 40; round++)
      for (const name of ["a", "b", "c"]) bench.probe(name, name === "b" && round % 3 > 0 ? "lost" : "answered");
    for (let round = 0; round < 5; round++)
      for (const name of ["a", "b", "c"])
        bench.probe(name, name === "c" || (name === "b" && round === 2) ? "answered" : "lost");
    assert.equal(failureVerdict(bench.group, bench.member("a")), "interface");
    assert.equal(failureVerdict(bench.group, bench.member("b")), "none");
  });

  it("one interruption before, and nobody else to compare with, changes nothing", () => {
    const bench = new Bench(ALONE);
    bench.many(20, "a", "answered");
    bench.many(4, "a", "lost");
    bench.probe("a", "answered");
    bench.many(5, "a", "lost");
    assert.equal(failureVerdict(bench.group, bench.member("a")), "group");
  });

  it("the more is lost the longer a run has to be, and the slower the probes the shorter", () => {
    const quick = new Bench({ ...PAIR, failureDetectionTimeMs: 100 }).group;
    const slow = new Bench(PAIR).group;
    const needed = (lost: number) => [quick, slow].map((group) => lossesNeeded(group, { lost, of: 52 }));
    assert.deepEqual(
      [needed(0), needed(1), needed(5), needed(16)],
      [
        [5, 5],
        [6, 5],
        [10, 7],
        [21, 15],
      ],
    );
  });
});
