import assert from "node:assert/strict";
import { type Experiment, linesOf, measure, PeerAbsent, type Result, type Side } from "../../bench/experiment.ts";
import { remarks, table } from "../../bench/table.ts";

const never = () => Promise.reject(new Error("not run here"));

const EXPERIMENT: Experiment = {
  id: "carrier",
  us: never,
  peers: [],
  rows: [{ series: "in4", title: "carrier loss", unit: "ms", target: 1 }],
};

function side(...values: number[]): Side {
  return { name: "somebody", measured: { series: { in4: values } } };
}

const BROKEN: Side = { name: "somebody", fault: "it fell over" };

function result(us: Side, ...peers: Side[]): Result {
  return { experiment: EXPERIMENT, us, peers };
}

function ratio(us: Side, peer: Side): number | undefined {
  return linesOf(result(us, peer))[0]?.comparisons[0]?.ratio;
}

describe("linesOf", () => {
  it("divides the peer's median by ours", () => {
    assert.equal(ratio(side(0.5), side(20, 30, 40)), 60);
  });

  it("meets a target with its median, also exactly", () => {
    assert.equal(linesOf(result(side(0.1, 1, 9), side(1)))[0]?.met, true);
    assert.equal(linesOf(result(side(1.01), side(1)))[0]?.met, false);
  });

  it("meets a target from above where a row wants at least so much", () => {
    const rows = [{ series: "in4", title: "speed", unit: "1/s", target: 100, atLeast: true }] as const;
    const met = (value: number) => linesOf({ experiment: { ...EXPERIMENT, rows }, us: side(value), peers: [] })[0]?.met;
    assert.deepEqual([99, 100, 101].map(met), [false, true, true]);
  });

  it("divides our median by the peer's where more is better", () => {
    const rows = [{ series: "in4", title: "speed", unit: "1/s", target: 100, atLeast: true }] as const;
    const [line] = linesOf({ experiment: { ...EXPERIMENT, rows }, us: side(300), peers: [side(100)] });
    assert.equal(line?.comparisons[0]?.ratio, 3);
  });

  it("gives no ratio where nothing was lost, nothing came back or a side broke; a broken side of ours meets nothing", () => {
    assert.equal(ratio(side(0), side(30)), undefined);
    assert.equal(ratio(side(1), side(Number.POSITIVE_INFINITY)), undefined);
    assert.equal(ratio(side(1), BROKEN), undefined);
    assert.equal(linesOf(result(BROKEN, side(30)))[0]?.met, false);
  });
});

function rowsOf(result: Result): (string[] | undefined)[] {
  const [, , ...rows] = table([result]).split("\n");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("table", () => {
  it("shows each row with median, extremes, ratio and target", () => {
    assert.deepEqual(rowsOf(result(side(0.25, 0.5, 12.34), side(150))), [
      ["carrier loss (ms)", "0.50 (0.25 - 12.3)", "somebody 150", "300 x", "<= 1", "yes"],
    ]);
  });

  it("shows more peers below the first", () => {
    assert.deepEqual(rowsOf(result(side(2), { ...side(4), name: "one" }, { ...side(6), name: "other" })), [
      ["carrier loss (ms)", "2", "one 4", "2 x", "<= 1", "NO"],
      ["", "", "other 6", "3 x", "", ""],
    ]);
  });

  it("says never of what did not come back", () => {
    assert.equal(rowsOf(result(side(1), side(Number.POSITIVE_INFINITY)))[0]?.[2], "somebody never");
  });

  it("shows no verdict where nothing is wanted", () => {
    const rows = [{ series: "in4", title: "probes unsent", unit: "", target: undefined }] as const;
    const told = rowsOf({ experiment: { ...EXPERIMENT, rows }, us: side(3), peers: [] });
    assert.deepEqual(told, [["probes unsent", "3", "-", "-", "-", "-"]]);
  });

  it("names what broke, and what is not here", () => {
    assert.equal(rowsOf(result(side(2), BROKEN))[0]?.[2], "somebody broken");
    assert.deepEqual(remarks([result(side(2), BROKEN)]), ["carrier, somebody: BROKEN: it fell over"]);
    const absent: Side = { name: "somebody", absent: "it is not built" };
    assert.equal(rowsOf(result(side(2), absent))[0]?.[2], "somebody skipped");
    assert.deepEqual(remarks([result(side(2), absent)]), ["carrier, somebody: skipped: it is not built"]);
  });

  it("shows neither a figure nor a fault where there is no peer, or it has no such figure", () => {
    assert.deepEqual(rowsOf(result(side(0.5)))[0]?.slice(1, 4), ["0.50", "-", "-"]);
    assert.deepEqual(rowsOf(result(side(0.5), side()))[0]?.slice(1, 4), ["0.50", "-", "-"]);
    assert.deepEqual(remarks([result(side(0.5))]), []);
  });
});

describe("remarks", () => {
  it("tells of pauses of the machine and of losses elsewhere, which stay in the figures", () => {
    const measured = { series: { in4: [1] }, pulls: 20, stalls: 2, bystandersLost: 3, notes: ["it rained"] };
    assert.deepEqual(remarks([result({ name: "ipmp", measured }, side(1))]), [
      "carrier, ipmp: the machine itself stood still in 2 of 20 pulls",
      "carrier, ipmp: flows on other cards lost 3 packets in 20 pulls",
      "carrier, ipmp: it rained",
    ]);
  });
});

describe("measure", () => {
  it("turns what breaks into a result", async () => {
    assert.deepEqual(await measure("somebody", never), { name: "somebody", fault: "not run here" });
  });

  it("tells a peer that is not here from one that broke", async () => {
    const side = await measure("somebody", () => Promise.reject(new PeerAbsent("it is not built")));
    assert.deepEqual(side, { name: "somebody", absent: "it is not built" });
  });
});
