import assert from "node:assert/strict";
import type { Action } from "../../../src/core/actions.ts";
import { Deeds } from "../../../src/core/deeds.ts";
import { type Managed, membersByIndex } from "../../../src/core/managing.ts";
import { AnnouncementSchedule } from "../../../src/core/placement/announcing.ts";
import { type ProbeNews, takeProbes } from "../../../src/core/probe-step.ts";
import { Bench, STEP_MS } from "./probing/support.ts";

const TARGET = "192.0.2.1";

/** Members a and b are probed, and the fifth loss of a in a row is taken; b was answered meanwhile. */
function failedBy(
  isArmed: boolean,
  isStale: boolean,
  isDoubtful = false,
): { readonly news: ProbeNews; readonly actions: readonly Action[] } {
  const members = { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"] };
  const bench = new Bench({ members, targets: [TARGET] });
  for (const name of ["a", "b"]) bench.probe(name, "answered");
  for (let losses = 0; losses < 4; losses++) {
    bench.probe("a", "lost");
    bench.probe("b", "answered");
  }
  const managed: Managed = {
    ...{ group: bench.group, schedule: new AnnouncementSchedule(), announceWhenPlaced: false },
    ...{ lost: false, standInTold: undefined, dueAt: 0 },
  };
  const deeds = new Deeds();
  deeds.begin("probe-results", 0);
  if (isArmed) deeds.arm.put(bench.group, [{ index: 1, members: [1], announcements: [], requests: [] }]);
  deeds.giveArmed();
  if (isDoubtful) deeds.arm.renew();
  deeds.begin("probe-results", 0);
  const sequence = bench.instance("a").history.next;
  const lost = { kind: "lost", index: 1, family: 4, sequence, target: TARGET, sentAt: bench.now + STEP_MS } as const;
  const stale = new Set<Managed>(isStale ? [managed] : []);
  const news = takeProbes([lost], membersByIndex([managed]), new Set(), stale, deeds, bench);
  return { news, actions: deeds.end() };
}

describe("results of probes", () => {
  it("fire the plan of a member that is about to fail", () => {
    const { news, actions } = failedBy(true, false);
    assert.equal(news, "fired");
    assert.deepEqual(actions, [{ type: "fire", cause: "probe-results", index: 1 }]);
  });

  it("fire none where none is armed", () => {
    assert.deepEqual(failedBy(false, false), { news: "verdicts", actions: [] });
  });

  it("fire none that is of another time, or that may have been used up", () => {
    assert.deepEqual(failedBy(true, true), { news: "verdicts", actions: [] });
    assert.deepEqual(failedBy(true, false, true), { news: "verdicts", actions: [] });
  });
});
