import assert from "node:assert/strict";
import { ProbeHistory } from "../../../../src/core/probing/history.ts";

/** Less than the probes below are apart. */
const APART_MS = 2.5;

/** One letter per probe, sent each 10 ms: (a)nswered, (l)ost, (s)kipped, (u)nder way; in capitals to target R2, else to R1. */
function history(fates: string): ProbeHistory {
  const made = new ProbeHistory();
  [...fates].forEach((fate, sequence) => {
    const target = fate === fate.toUpperCase() ? "R2" : "R1";
    if (fate.toLowerCase() === "a") made.answered(sequence, target, sequence * 10, 1);
    if (fate.toLowerCase() === "l") made.lost(sequence, target, sequence * 10);
    if (fate.toLowerCase() === "s") made.skipped(sequence, target, sequence * 10);
  });
  return made;
}

describe("history of probes", () => {
  it("is empty in the beginning", () => {
    const empty = history("");
    assert.deepEqual([empty.next, empty.lostRun(), empty.answeredRun(APART_MS), empty.latestTarget], [0, 0, 0, ""]);
    assert.deepEqual([empty.lastAnswerAt, empty.firstLossAt()], [-Infinity, Infinity]);
  });

  it("T32: counts the latest losses only, and an answer ends them", () => {
    assert.equal(history("lllla").lostRun(), 0);
    assert.equal(history("llllalll").lostRun(), 3);
    assert.equal(history("llllalll").firstLossAt(), 50);
  });

  it("T35: counts the latest answers only, and a loss ends them", () => {
    assert.equal(history("aaaaaaaaal").answeredRun(APART_MS), 0);
    assert.equal(history("aaaaaaaaalaaaaaaaaaa").answeredRun(APART_MS), 10);
  });

  it("counts answers that come in one lump as one", () => {
    const queued = new ProbeHistory();
    for (let sequence = 0; sequence < 12; sequence++)
      queued.answered(sequence, "R1", sequence * 10, 200 - sequence * 10);
    assert.deepEqual([queued.answeredRun(APART_MS), queued.answeredRunOf("R1", APART_MS)], [1, 1]);
    queued.answered(12, "R1", 210, 1);
    assert.equal(queued.answeredRun(APART_MS), 2);
    assert.equal(queued.lostRun(), 0);
  });

  it("passes over what never left and what is under way", () => {
    assert.equal(history("allslsul").lostRun(), 4);
    assert.equal(history("alls").lostRun(), 2);
    assert.equal(history("laasua").answeredRun(APART_MS), 3);
    assert.equal(history("allsl").firstLossAt(), 10);
  });

  it("T45: counts per target, too", () => {
    const mixed = history("AlAlAlA");
    assert.deepEqual([mixed.lostRun(), mixed.lostRunOf("R1"), mixed.lostRunOf("R2")], [0, 3, 0]);
    assert.deepEqual(
      [mixed.answeredRun(APART_MS), mixed.answeredRunOf("R2", APART_MS), mixed.answeredRunOf("R1", APART_MS)],
      [1, 4, 0],
    );
    assert.equal(mixed.latestTarget, "R2");
    assert.equal(history("aLs").latestTarget, "R2");
  });

  it("a target is not held to have lost what left before anybody had answered", () => {
    assert.deepEqual([history("llllA").lostRunOf("R1"), history("llllAll").lostRunOf("R1")], [0, 2]);
  });

  it("tells answers that were held up together from those that only came one after the other", () => {
    const one = history("");
    one.answered(1, "R1", 10, 90);
    assert.deepEqual([one.isHeldUp(104, 5), one.isHeldUp(105, 5), one.isHeldUp(104, 100)], [true, false, false]);
    one.answered(2, "R1", 20, 70);
    assert.equal(one.isHeldUp(104, 5), true);
  });

  it("T49: an answer that comes late mends what was lost, and nothing unmakes an answer", () => {
    const late = history("lllll");
    late.answered(2, "R1", 20, 1);
    assert.equal(late.lostRun(), 2);
    assert.equal(late.lost(2, "R1", 20), false);
    assert.equal(late.skipped(2, "R1", 20), false);
    assert.deepEqual([late.fateOf(2), late.lastAnswerAt], ["answered", 20]);
    late.answered(1, "R1", 10, 1);
    assert.equal(late.lastAnswerAt, 20);
  });

  it("T50: remembers 52 probes", () => {
    const full = history("l".repeat(60));
    assert.equal(full.firstLossAt(), 80);
    assert.deepEqual([full.isForgotten(7), full.isForgotten(8)], [true, false]);
    assert.deepEqual([full.fateOf(7), full.fateOf(59)], ["unknown", "lost"]);
    assert.equal(full.lost(7, "R1", 70), false);
  });

  it("counts a run of losses beyond what it remembers, until an answer ends it", () => {
    const long = history("l".repeat(60));
    assert.equal(long.lostRun(), 60);
    long.answered(60, "R1", 600, 1);
    assert.equal(long.lostRun(), 0);
    assert.equal(history(`a${"l".repeat(20)}a${"l".repeat(7)}`).lostRun(), 7);
  });

  it("knows since when all was lost, and who was often answered since then, beyond what it remembers", () => {
    const long = history(`aal${"l".repeat(60)}`);
    assert.equal(long.lostInRowSince, 20);
    const rare = history(`${"a".repeat(3)}${"l".repeat(40)}a${"l".repeat(40)}a`);
    assert.deepEqual(
      [1, 2, 4, 5, 6].map((count) => rare.hasAnsweredSince(5, count)),
      [true, true, true, false, false],
    );
    assert.ok(rare.hasAnsweredSince(-1, 5));
    rare.clear(1_000);
    assert.ok(!rare.hasAnsweredSince(-1, 1));
    const many = history("a".repeat(100));
    assert.deepEqual([many.hasAnsweredSince(679, 32), many.hasAnsweredSince(680, 32)], [true, false]);
  });

  it("knows how many were lost by chance, and in how many runs", () => {
    const counts = (fates: string, since = 0, until = Number.POSITIVE_INFINITY, except = "") => {
      const { lost, of, runs } = history(fates).losses(since, until, except);
      return `${lost}/${of} ${runs}`;
    };
    assert.equal(counts("allalaaul"), "4/7 3");
    assert.equal(counts("allalaal", 30, 70), "1/4 1");
    assert.equal(counts("AlAlaLalA", 0, Number.POSITIVE_INFINITY, "R2"), "3/5 2");
    // What left before the first answer had arrived is not counted: nobody knows whether anything came through then.
    assert.equal(counts("llalaa"), "1/3 1");
    // Losses of all targets in one run count, whatever they are; those of a target that falls silent while another answers do not.
    assert.equal(counts("aAaAlLlL"), "4/7 1");
    assert.equal(counts("aAaAlAlA"), "2/7 2");
    assert.equal(counts("aAaAlAlAlA"), "0/6 3");
    assert.equal(counts("aAaAlAlAlAaA"), "3/11 3");
    const over = history("alal");
    over.endFailure(20);
    assert.deepEqual(over.losses(0, 100), { lost: 1, of: 2, runs: 1 });
  });

  it("knows whether a later probe to the same target was answered", () => {
    const mixed = history("laA");
    assert.deepEqual(
      [mixed.isOvertaken(0, "R1"), mixed.isOvertaken(1, "R1"), mixed.isOvertaken(0, "R3")],
      [true, false, false],
    );
  });

  it("T36: forgets everything, and says from when on probes count", () => {
    const cleared = history("aaaaa");
    cleared.clear(500);
    assert.deepEqual(
      [cleared.next, cleared.answeredRun(APART_MS), cleared.since, cleared.lastAnswerAt],
      [0, 0, 500, -Infinity],
    );
    assert.equal(cleared.fateOf(0), "unknown");
  });

  it("sees that the numbers began anew", () => {
    const old = history("aaaaa");
    assert.deepEqual(
      [old.isRenumbered(0, 100), old.isRenumbered(3, 30), old.isRenumbered(9, 100)],
      [true, false, false],
    );
  });
});
