import assert from "node:assert/strict";
import { STATUS_LIMITS, statusLimits } from "../../../src/control/limits.ts";

describe("limits of status.sock", () => {
  it("are the usual ones where there are plenty of open files", () => {
    assert.deepEqual(statusLimits(Number.POSITIVE_INFINITY), STATUS_LIMITS);
    assert.deepEqual(statusLimits(1024), STATUS_LIMITS);
  });

  it("leave the daemon the files that it needs itself", () => {
    const { connections, connectionsPerUser, streams, streamsPerUser } = statusLimits(256);
    assert.deepEqual(
      { connections, connectionsPerUser, streams, streamsPerUser },
      {
        ...{ connections: 64, connectionsPerUser: 32, streams: 32, streamsPerUser: 8 },
      },
    );
  });

  it("never shut everybody out, and never let one user take all", () => {
    for (let openFiles = 0; openFiles <= 2048; openFiles++) {
      const limits = statusLimits(openFiles);
      assert.ok(limits.connections >= 4 && limits.streamsPerUser >= 1, `of ${openFiles} open files`);
      assert.ok(limits.connectionsPerUser < limits.connections && limits.streamsPerUser < limits.streams);
    }
  });
});
