import assert from "node:assert/strict";
import { type Experiment, linesOf, measure, type Result, type Side } from "../../bench/experiment.ts";
import { remarks, table } from "../../bench/table.ts";

const never = () => Promise.reject(new Error("not run here"));

const EXPERIMENT: Experiment = {
  id: "carrier",
  us: never,
  peer: never,
  rows: [{ series: "in4", title: "carrier loss", unit: "ms", target: 1 }],
};

function side(...values: number[]): Side {
  return { measured: { series: { in4: values } }, fault: undefined };
}

const BROKEN: Side = { measured: undefined, fault: "it fell over" };

function result(us: Side, peer: Side): Result {
  return { experiment: EXPERIMENT, us, peer };
}

describe("linesOf", () => {
  it("divides the peer's median by ours", () => {
    assert.equal(linesOf(result(side(0.5), side(20, 30, 40)))[0]?.ratio, 60);
  });

  it("meets a target with its median, also exactly", () => {
    assert.equal(linesOf(result(side(0.1, 1, 9), side(1)))[0]?.met, true);
    assert.equal(linesOf(result(side(1.01), side(1)))[0]?.met, false);
  });

  it("meets a target from above where a row wants at least so much", () => {
    const rows = [{ series: "in4", title: "speed", unit: "1/s", target: 100, atLeast: true }] as const;
    const met = (value: number) =>
      linesOf({ experiment: { ...EXPERIMENT, rows }, us: side(value), peer: undefined })[0]?.met;
    assert.deepEqual([99, 100, 101].map(met), [false, true, true]);
  });

  it("gives no ratio where nothing was lost or a side broke, and a broken side of ours meets nothing", () => {
    assert.equal(linesOf(result(side(0), side(30)))[0]?.ratio, undefined);
    assert.equal(linesOf(result(side(1), BROKEN))[0]?.ratio, undefined);
    assert.equal(linesOf(result(BROKEN, side(30)))[0]?.met, false);
  });
});

describe("table", () => {
  it("shows each row with median, extremes, ratio and target", () => {
    const [, , row] = table([result(side(0.25, 0.5, 12.34), side(150))]).split("\n");
    const cells = row?.split("|").map((cell) => cell.trim());
    assert.deepEqual(cells, ["", "carrier loss (ms)", "0.50 (0.25 - 12.3)", "150", "300 x", "<= 1", "yes", ""]);
  });

  it("names what broke", () => {
    assert.match(table([result(side(2), BROKEN)]), /2\.00 +\| broken +\| - +\| <= 1 +\| NO/);
    assert.deepEqual(remarks([result(side(2), BROKEN)]), ["carrier, keepalived: BROKEN: it fell over"]);
  });
});

describe("table of a row without a peer", () => {
  it("shows neither a figure nor a fault of the peer", () => {
    const alone: Result = { experiment: EXPERIMENT, us: side(0.5), peer: undefined };
    assert.match(table([alone]), /0\.50 +\| - +\| - +\| <= 1 +\| yes/);
    assert.deepEqual(remarks([alone]), []);
  });
});

describe("remarks", () => {
  it("tells of pauses of the machine and of losses elsewhere, which stay in the figures", () => {
    const measured = { series: { in4: [1] }, pulls: 20, stalls: 2, bystandersLost: 3 };
    assert.deepEqual(remarks([result({ measured, fault: undefined }, side(1))]), [
      "carrier, ipmpd: the machine itself stood still in 2 of 20 pulls",
      "carrier, ipmpd: flows on other cards lost 3 packets in 20 pulls",
    ]);
  });
});

describe("measure", () => {
  it("turns what breaks into a result", async () => {
    assert.deepEqual(await measure(never), { measured: undefined, fault: "not run here" });
  });
});
