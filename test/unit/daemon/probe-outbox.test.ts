import assert from "node:assert/strict";
import type { ProbeEvent } from "../../../src/control/probes.ts";
import { ProbeOutbox } from "../../../src/daemon/probe-outbox.ts";
import { PROBE } from "../control/support.ts";

/** Its probes by number; `5+3`: the fifth, before which three were left out. */
function outboxOf(most: number) {
  const posted: string[] = [];
  const texts = (events: readonly ProbeEvent[]) =>
    events.map(({ sequence, missed }) => (missed === 0 ? `${sequence}` : `${sequence}+${missed}`)).join(" ");
  const outbox = new ProbeOutbox((events) => posted.push(texts(events)), most);
  return { outbox, posted, put: (...numbers: number[]) => outbox.put(numbers.map(probe)) };
}

function probe(sequence: number): ProbeEvent {
  return { ...PROBE, sequence };
}

describe("outbox of probes", () => {
  it("sends at once, and then one batch whenever the one before has been taken", () => {
    const { outbox, posted, put } = outboxOf(10);
    put(1);
    put(2);
    put(3, 4);
    assert.deepEqual(posted, ["1"]);
    outbox.taken();
    assert.deepEqual(posted, ["1", "2 3 4"]);
    outbox.taken();
    put();
    assert.deepEqual(posted, ["1", "2 3 4"]);
    put(5);
    assert.deepEqual(posted, ["1", "2 3 4", "5"]);
  });

  it("keeps no more than its limit, and tells how many it left out", () => {
    const { outbox, posted, put } = outboxOf(2);
    put(1);
    put(2, 3, 4, 5);
    put(6);
    outbox.taken();
    put(7, 8);
    outbox.taken();
    assert.deepEqual(posted, ["1", "2 3", "7+3 8"]);
  });

  it("forgets what waits when nobody looks any more", () => {
    const { outbox, posted, put } = outboxOf(1);
    put(1);
    put(2, 3);
    outbox.clear();
    outbox.taken();
    put(4);
    assert.deepEqual(posted, ["1", "4"]);
  });
});
