import assert from "node:assert/strict";
import { failureVerdict } from "../../../../src/core/probing/verdict.ts";
import { Bench, PAIR, type Setting } from "./support.ts";

const FAST: Setting = { ...PAIR, failureDetectionTimeMs: 100, failureDetectionTimeCapMs: 1000 };
const STEP_MS = 14;

/** This share of the probes of each member is answered; the pace is that of the group. */
function ask(bench: Bench, rounds: number, share: number, options: { readonly names?: readonly string[] } = {}): void {
  const names = options.names ?? bench.group.members.map(({ configuration }) => configuration.name);
  for (let round = 0; round < rounds; round++) {
    bench.now += bench.group.detection.detectionIntervalMs;
    for (const name of names)
      bench.file(name, Math.floor((round + 1) * share) > Math.floor(round * share) ? "answered" : "lost");
  }
}

function calm(bench: Bench, milliseconds: number): void {
  const until = bench.now + milliseconds;
  while (bench.now < until) ask(bench, 1, 1);
}

function steps(bench: Bench): readonly number[] {
  return [bench.group.detection.intervalMs, bench.group.detection.detectionIntervalMs];
}

function limited(setting: Setting = FAST): Bench {
  const bench = new Bench(setting);
  ask(bench, 60, 1);
  ask(bench, 40, 1 / 3);
  return bench;
}

describe("targets that answer only so often", () => {
  it("are probed more slowly, all probes of them, and it is said once", () => {
    const bench = limited();
    assert.deepEqual([steps(bench), bench.heard()], [[28, 28], ["answers-limited"]]);
    ask(bench, 25, 2 / 3);
    assert.deepEqual([steps(bench), bench.heard()], [[57, 57], []]);
    assert.equal(bench.group.detection.effectiveMs, 400);
  });

  it("the old pace is tried again step by step, and when it holds that is said once", () => {
    const bench = limited();
    calm(bench, 59_000);
    assert.deepEqual(steps(bench), [28, 28]);
    calm(bench, 3_000);
    assert.deepEqual([steps(bench), bench.heard()], [[STEP_MS, STEP_MS], ["answers-limited"]]);
    calm(bench, 62_000);
    assert.deepEqual(bench.said, [{ id: "answers-complete", group: "g", effectiveMs: 100 }]);
    calm(bench, 62_000);
    assert.equal(bench.said.length, 1);
  });

  it("when it does not hold it is tried ever more seldom, and nothing is said", () => {
    const bench = limited();
    calm(bench, 62_000);
    bench.heard();
    for (let round = 0; round < 20 && !bench.group.detection.isSlowedDown; round++) ask(bench, 3, 1 / 3);
    calm(bench, 100_000);
    assert.deepEqual(steps(bench), [28, 28]);
    calm(bench, 30_000);
    assert.deepEqual([steps(bench), bench.heard()], [[STEP_MS, STEP_MS], []]);
  });

  it("where a slower pace does not help, the old one is kept, and more losses are waited for", () => {
    const bench = limited();
    ask(bench, 60, 1 / 3);
    assert.deepEqual(steps(bench), [STEP_MS, STEP_MS]);
    assert.ok(bench.group.detection.effectiveMs > 300, `${bench.group.detection.effectiveMs}`);
    ask(bench, 600, 1 / 3);
    assert.deepEqual([steps(bench), bench.heard()], [[STEP_MS, STEP_MS], ["answers-limited"]]);
  });

  it("while the old pace is tried it is reckoned with what was lost at it before, and the time in force shows that", () => {
    const bench = limited();
    calm(bench, 62_000);
    const { detection } = bench.group;
    assert.deepEqual([detection.isSlowedDown, detection.effectiveMs > 300], [false, true]);
    for (let lost = 0; lost < 5; lost++) {
      ask(bench, 1, 1, { names: ["b"] });
      ask(bench, 1, 0, { names: ["a"] });
    }
    assert.equal(failureVerdict(bench.group, bench.member("a")), "none");
    calm(bench, 62_000);
    assert.equal(detection.effectiveMs, 100);
  });

  it("where few answers tell of the time before, one step more is tried; then it goes back to where as much was answered", () => {
    const bench = new Bench({ ...FAST, failureDetectionTimeMs: 700, failureDetectionTimeCapMs: 20_000 });
    ask(bench, 60, 1);
    const { detection } = bench.group;
    while (!detection.isSlowedDown) ask(bench, 10, 1 / 5);
    let most = 0;
    for (let round = 0; round < 20; round++) {
      ask(bench, 8, 1 / 4);
      most = Math.max(most, detection.doublings);
    }
    assert.deepEqual([most, detection.doublings, bench.heard()], [2, 0, ["answers-limited"]]);
  });

  it("where slower helped at first and then no more, the pace stays where it helped", () => {
    const bench = new Bench({ ...FAST, failureDetectionTimeCapMs: 20_000 });
    const { detection } = bench.group;
    ask(bench, 60, 1);
    while (!detection.isSlowedDown) ask(bench, 20, 1 / 20);
    while (detection.doublings < 3) ask(bench, 2, 1 / 2);
    while (detection.doublings === 3) ask(bench, 2, 1 / 2);
    assert.equal(detection.doublings, 1);
  });

  it("with few losses left the pace stays as it is", () => {
    const bench = limited();
    ask(bench, 40, 1);
    ask(bench, 3_000, 9 / 10);
    assert.deepEqual([steps(bench), bench.heard()], [[28, 28], ["answers-limited"]]);
  });

  it("it is not slowed down beyond twenty seconds, or the cap", () => {
    const bench = new Bench({ ...PAIR, failureDetectionTimeCapMs: 10_000 });
    ask(bench, 60, 1);
    let share = 9;
    while (share > 1) ask(bench, 40, 1 / share--);
    assert.equal(bench.group.detection.intervalMs, 2857);
    assert.equal(bench.heard().filter((id) => id === "answers-limited").length, 1);
  });

  it("nothing is slowed down for one member alone, for one interruption, or in the anonymous group", () => {
    const bench = new Bench(FAST);
    ask(bench, 60, 1);
    for (let round = 0; round < 100; round++) {
      ask(bench, 1, round % 3 === 0 ? 1 : 0, { names: ["a"] });
      ask(bench, 1, 1, { names: ["b"] });
    }
    ask(bench, 60, 1);
    ask(bench, 4, 0);
    ask(bench, 60, 1);
    assert.deepEqual([steps(bench), bench.heard()], [[STEP_MS, STEP_MS], []]);
    const anonymous = new Bench({ ...FAST, anonymous: true });
    for (const index of [1, 2]) anonymous.route(index, "0.0.0.0/0", "192.0.2.1");
    anonymous.update();
    ask(anonymous, 60, 1);
    ask(anonymous, 60, 1 / 2);
    assert.deepEqual(steps(anonymous), [STEP_MS, STEP_MS]);
  });

  it("one target among several that limits its answers is left out, and nothing is slowed down", () => {
    const bench = new Bench({ ...FAST, targets: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] });
    for (let round = 0; round < 90; round++) {
      bench.now += STEP_MS;
      const target = `192.0.2.${1 + (round % 3)}`;
      for (const name of ["a", "b"])
        bench.file(name, round % 3 === 0 && round % 2 === 0 ? "lost" : "answered", { target });
    }
    assert.deepEqual([steps(bench), bench.targets("a")], [[STEP_MS, STEP_MS], "192.0.2.2 192.0.2.3"]);
  });

  it("a failed group whose members are answered now and then is probed more slowly, too", () => {
    const bench = new Bench(FAST);
    ask(bench, 60, 1);
    for (const member of bench.group.members) member.state = "failed";
    ask(bench, 105, 1 / 50);
    assert.deepEqual([bench.group.detection.isSlowedDown, bench.heard()], [true, ["answers-limited"]]);
    const returning = new Bench(FAST);
    for (const member of returning.group.members) member.state = "failed";
    ask(returning, 15, 0);
    ask(returning, 20, 1);
    assert.deepEqual(steps(returning), [STEP_MS, STEP_MS]);
  });
});
