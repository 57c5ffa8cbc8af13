import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { followAudience } from "../../../src/daemon/audience.ts";

describe("audience of an event", () => {
  it("is told of when its first listener comes and when its last one goes", () => {
    const emitter = new EventEmitter();
    const told: boolean[] = [];
    followAudience(emitter, "probe", (anybody) => told.push(anybody));
    const listener = () => undefined;
    emitter.on("other", listener);
    assert.deepEqual(told, []);
    emitter.on("probe", listener).on("probe", listener);
    assert.deepEqual(told, [true]);
    emitter.off("probe", listener).off("other", listener);
    assert.deepEqual(told, [true]);
    emitter.off("probe", listener);
    assert.deepEqual(told, [true, false]);
    emitter.once("probe", listener).emit("probe");
    assert.deepEqual(told, [true, false, true, false]);
    emitter.on("probe", listener).removeAllListeners("probe");
    assert.deepEqual(told, [true, false, true, false, true, false]);
  });
});
