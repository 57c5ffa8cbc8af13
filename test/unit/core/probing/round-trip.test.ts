import assert from "node:assert/strict";
import { RoundTrip } from "../../../../src/core/probing/round-trip.ts";

const LIMIT_MS = 1428;

function sampled(...samplesMs: readonly number[]): RoundTrip {
  const roundTrip = new RoundTrip();
  for (const sampleMs of samplesMs) roundTrip.sample(sampleMs, LIMIT_MS);
  return roundTrip;
}

describe("round trip", () => {
  it("is unknown before the first answer", () => {
    const { conservativeMs, meanMs, deviationMs } = new RoundTrip();
    assert.deepEqual([conservativeMs, meanMs, deviationMs], [0, undefined, undefined]);
  });

  it("T60: 10 ms at first: mean 10 ms, deviation 5 ms, conservative 30 ms", () => {
    const { conservativeMs, meanMs, deviationMs } = sampled(10);
    assert.deepEqual([meanMs, deviationMs, conservativeMs], [10, 5, 30]);
  });

  it("T61: many answers after 10 ms: the conservative time tends to 10 ms", () => {
    const { conservativeMs } = sampled(...new Array<number>(60).fill(10));
    assert.ok(Math.abs(conservativeMs - 10) < 0.01, `${conservativeMs}`);
  });

  it("follows a change by an eighth, and the deviation by a quarter", () => {
    const { meanMs, deviationMs } = sampled(10, 18);
    assert.deepEqual([meanMs, deviationMs], [11, 5.75]);
  });

  it("T62: one slow answer among fast ones is never counted", () => {
    const steady = new Array<number>(60).fill(10);
    const { conservativeMs, meanMs } = sampled(...steady, 1400, 10);
    assert.ok(conservativeMs < 10.01 && meanMs === 10, `${conservativeMs}`);
  });

  it("counts two slow answers in a row, both of them", () => {
    const steady = new Array<number>(60).fill(10);
    const twice = sampled(...steady, 1400, 1400);
    assert.ok(twice.conservativeMs > LIMIT_MS);
    assert.ok(Math.abs((twice.meanMs ?? 0) - 335.8) < 0.1, `${twice.meanMs}`);
  });

  it("holds back the very first answer, too, where it is suspect", () => {
    assert.equal(sampled(500).meanMs, undefined);
    assert.equal(sampled(500, 10).meanMs, 10);
    assert.equal(sampled(500, 500).meanMs, 500);
  });

  it("is only lowered by probes that merely measure", () => {
    const roundTrip = sampled(10);
    roundTrip.sampleMeasured(100);
    assert.equal(roundTrip.conservativeMs, 30);
    roundTrip.sampleMeasured(10);
    assert.equal(roundTrip.conservativeMs, 25);
    const fresh = new RoundTrip();
    fresh.sampleMeasured(10);
    assert.equal(fresh.meanMs, undefined);
  });

  it("forgets everything, what was held back included", () => {
    const roundTrip = sampled(10, 1400);
    roundTrip.reset();
    roundTrip.sample(1400, LIMIT_MS);
    assert.deepEqual([roundTrip.conservativeMs, roundTrip.meanMs, roundTrip.deviationMs], [0, undefined, undefined]);
  });

  it("is not learnt from the first answer, nor from any that left before it had come, each time that it is waited for", () => {
    const roundTrip = new RoundTrip();
    assert.deepEqual([roundTrip.noteAnswer(0, 900), roundTrip.noteAnswer(500, 901)], [false, false]);
    assert.equal(roundTrip.noteAnswer(950, 960), true);
    roundTrip.awaitFirstAnswer();
    assert.deepEqual([roundTrip.noteAnswer(1_000, 1_900), roundTrip.noteAnswer(1_500, 1_901)], [false, false]);
    assert.equal(roundTrip.noteAnswer(1_950, 1_960), true);
  });
});
