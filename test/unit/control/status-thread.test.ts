import assert from "node:assert/strict";
import type { ControlEvent } from "../../../src/control/events.ts";
import { STATUS_LIMITS } from "../../../src/control/limits.ts";
import { StatusThread } from "../../../src/control/status-thread.ts";
import { SOURCE, until, Workshop } from "./support.ts";

const ENTRY = new URL("fragile-status.mjs", import.meta.url);

const EVENT: ControlEvent = {
  type: "message",
  time: "2026-01-02T03:04:05.678Z",
  level: "info",
  text: "The link has come up on eth0",
  cause: "notices",
  message: { id: "link-up", interface: "eth0", group: "ipmp0" },
};

const workshop = new Workshop();

describe("thread of status.sock", () => {
  afterEach(() => workshop.clean());

  async function start(name: string) {
    const path = `${await workshop.directory()}/${name}`;
    const complaints: string[] = [];
    const failed = (text: string) => complaints.push(text);
    const thread = await StatusThread.start({ entry: ENTRY, path, limits: STATUS_LIMITS, source: SOURCE, failed });
    workshop.later(() => thread.close());
    return { thread, path, complaints };
  }

  it("is started again when a client has brought it down, and that is told each time", async () => {
    const { thread, path, complaints } = await start("status.sock");
    for (const count of [1, 2]) {
      await until(() => {
        // Lost until the thread has an audience.
        thread.publish(EVENT);
        return complaints.length === count;
      });
    }
    assert.deepEqual(
      new Set(complaints),
      new Set([`${path} is not served (killed by a client); it is tried again every second`]),
    );
  });

  it("is not started again once it was closed", async () => {
    const { thread, complaints } = await start("status.sock");
    await thread.close();
    thread.publish(EVENT);
    assert.deepEqual(complaints, []);
  });

  it("ends the start with the reason where its socket can not be opened", async () => {
    await assert.rejects(start("refused.sock"), { code: "CANNOT_LISTEN", message: "the socket can not be opened" });
  });
});
