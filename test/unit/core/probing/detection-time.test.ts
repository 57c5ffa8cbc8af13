import assert from "node:assert/strict";
import { DetectionTime } from "../../../../src/core/probing/detection-time.ts";

describe("failure detection time", () => {
  it("probes leave each seventh of it, in whole ms", () => {
    const steps = [100, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000].map(
      (ms) => new DetectionTime(ms, ms).intervalMs,
    );
    assert.deepEqual(steps, [14, 71, 142, 285, 714, 1428, 2857, 4285]);
  });

  it("keeps the exact seventh where rounding would cost much", () => {
    assert.equal(new DetectionTime(10, 100).intervalMs, 10 / 7);
  });

  it("makes the step twice the round trip of a slow target", () => {
    const time = new DetectionTime(10_000, 100_000);
    assert.equal(time.isRaised, false);
    assert.ok(time.raise(1500, 0));
    assert.deepEqual([time.effectiveMs, time.detectionIntervalMs, time.intervalMs], [21_000, 3000, 1428]);
    assert.ok(time.isRaised);
    assert.equal(time.raise(1400, 0), false);
    assert.equal(time.configuredMs, 10_000);
  });

  it("stops at the cap, and at the configured time where the cap is below it", () => {
    const time = new DetectionTime(10_000, 30_000);
    assert.equal(time.capMs, 30_000);
    assert.equal(time.exceedsCap(2000), false);
    assert.ok(time.exceedsCap(2143));
    assert.ok(time.raise(5000, 0));
    assert.equal(time.effectiveMs, 30_000);
    assert.equal(time.raise(6000, 0), false);
    assert.equal(new DetectionTime(10_000, 5000).raise(6000, 0), false);
  });

  it("T66 T67: is halved down to the configured time, not within a minute after a raise", () => {
    const time = new DetectionTime(10_000, 100_000);
    time.raise(2858.5, 0);
    assert.equal(time.effectiveMs, 40_019);
    assert.equal(time.mayBeLowered(59_000), false);
    assert.equal(time.mayBeLowered(60_000), false);
    const steps: number[] = [];
    while (time.mayBeLowered(60_001)) {
      time.lower();
      steps.push(time.effectiveMs);
    }
    assert.deepEqual(steps, [20_009, 10_004, 10_000]);
    assert.equal(time.detectionIntervalMs, time.intervalMs);
  });

  it("keeps a raise over a new configuration, as far as that allows", () => {
    const time = new DetectionTime(10_000, 100_000);
    time.configure(5000, 50_000);
    assert.equal(time.effectiveMs, 5000);
    time.raise(1500, 0);
    time.configure(2000, 50_000);
    assert.deepEqual([time.effectiveMs, time.intervalMs, time.detectionIntervalMs], [21_000, 285, 3000]);
    time.configure(2000, 14_000);
    assert.equal(time.effectiveMs, 14_000);
    time.configure(30_000, 300_000);
    assert.deepEqual([time.effectiveMs, time.isRaised], [30_000, false]);
  });
});
