import assert from "node:assert/strict";
import { eventData } from "../../../src/control/event-stream.ts";
import { stateChanges } from "../../../src/control/events.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { SNAPSHOT } from "./support.ts";

const TIME = "2026-01-02T03:04:05.678Z";
const EMPTY: Snapshot = { groups: [], interfaces: [], addresses: [], targets: [] };

async function* chunksOf(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

async function collect(longest: number, ...chunks: string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const data of eventData(chunksOf(...chunks), longest)) all.push(data);
  return all;
}

describe("state changes", () => {
  it("are none between equal pictures (T174)", () => {
    assert.deepEqual(stateChanges(SNAPSHOT, structuredClone(SNAPSHOT), TIME), []);
  });

  it("show what appeared and what went, parts before groups (T177)", () => {
    const names = (before: Snapshot, after: Snapshot) =>
      stateChanges(before, after, TIME).map((change) => `${change.type} ${change.name} ${change.before === null}`);
    const parts = ["address 192.0.2.10", "address 2001:db8::10", "interface eth0", "group ipmp0"];
    assert.deepEqual(
      names(EMPTY, SNAPSHOT),
      parts.map((part) => `${part} true`),
    );
    assert.deepEqual(
      names(SNAPSHOT, EMPTY),
      parts.map((part) => `${part} false`),
    );
  });

  it("show an object before and after", () => {
    const [group] = SNAPSHOT.groups;
    assert.ok(group);
    const after = { ...group, state: "failed" as const };
    const changes = stateChanges(SNAPSHOT, { ...SNAPSHOT, groups: [after] }, TIME);
    assert.deepEqual(changes, [{ type: "group", time: TIME, name: "ipmp0", before: group, after }]);
  });

  it("tell that a member waits or is activated, or has become a standby, in the state that it had (T175, T176)", () => {
    const [face] = SNAPSHOT.interfaces;
    assert.ok(face);
    for (const flag of ["inactive", "standby"] as const) {
      const after: typeof face = { ...face, flags: { ...face.flags, [flag]: !face.flags[flag] } };
      const changes = stateChanges(SNAPSHOT, { ...SNAPSHOT, interfaces: [after] }, TIME);
      assert.deepEqual(changes, [{ type: "interface", time: TIME, name: face.name, before: face, after }]);
      assert.equal(after.state, face.state);
    }
  });

  it("are none where only the counters of probes have grown, and one where their verdict changes", () => {
    const [face] = SNAPSHOT.interfaces;
    const [probes] = face?.probes ?? [];
    assert.ok(face && probes);
    const changed = (counters: Partial<typeof probes>) =>
      stateChanges(
        SNAPSHOT,
        { ...SNAPSHOT, interfaces: [{ ...face, probes: [{ ...probes, ...counters }, ...face.probes.slice(1)] }] },
        TIME,
      );
    assert.deepEqual(changed({ answered: probes.answered + 1, lastAnswer: TIME }), []);
    assert.deepEqual(
      changed({ probe: "failed" }).map((change) => `${change.type} ${change.name}`),
      ["interface eth0"],
    );
  });
});

describe("server-sent events", () => {
  it("are put together from any pieces", async () => {
    const text = 'id: 1\nevent: x\ndata: {"a":1}\n\n: comment\n\ndata: b\ndata: c\n\nunfinished';
    const expected = ['{"a":1}', "b\nc"];
    assert.deepEqual(await collect(100, text), expected);
    assert.deepEqual(await collect(100, ...text), expected);
  });

  it("may not be of any length", async () => {
    await assert.rejects(collect(10, "data: 12345", "6789"), RangeError);
  });
});
