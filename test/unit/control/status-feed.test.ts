import assert from "node:assert/strict";
import type { ControlEvent } from "../../../src/control/events.ts";
import type { ProbeEvent } from "../../../src/control/probes.ts";
import { StatusFeed } from "../../../src/control/status-feed.ts";
import type { StatusNews } from "../../../src/control/status-protocol.ts";
import { SNAPSHOT, SOURCE } from "./support.ts";

/** So many news wait at most. */
const MOST_WAITING = 4096;

function message(number: number): ControlEvent {
  return {
    type: "message",
    time: "2026-01-02T03:04:05.678Z",
    level: "info",
    text: `${number}`,
    cause: "notices",
    message: { id: "link-up", interface: "eth0", group: "ipmp0" },
  };
}

function probe(sequence: number): ProbeEvent {
  return { type: "probe", sequence, missed: 0 } as ProbeEvent;
}

/** A feed whose thread takes nothing before it is told to. */
function makeFeed() {
  const sent: (readonly StatusNews[])[] = [];
  let publishProbe: ((event: ProbeEvent) => void) | undefined;
  const followProbes = (listener: (event: ProbeEvent) => void) => {
    publishProbe = listener;
    return () => {
      publishProbe = undefined;
    };
  };
  const feed = new StatusFeed({ ...SOURCE, followProbes }, (news) => sent.push(news));
  return { feed, sent, publishProbe: (event: ProbeEvent) => publishProbe?.(event) };
}

describe("feed of the status thread", () => {
  it("tells events only while somebody follows them", () => {
    const { feed, sent } = makeFeed();
    feed.publish(message(0));
    feed.setAudience("events", true);
    feed.publish(message(1));
    feed.taken();
    feed.setAudience("events", false);
    feed.publish(message(2));
    assert.deepEqual(sent, [[{ type: "event", event: message(1) }]]);
  });

  it("sends the next only when the last has been taken, and then all at once", () => {
    const { feed, sent } = makeFeed();
    feed.setAudience("events", true);
    for (const number of [1, 2, 3]) feed.publish(message(number));
    assert.equal(sent.length, 1);
    feed.taken();
    assert.deepEqual(
      sent.map((news) => news.length),
      [1, 2],
    );
  });

  it("leaves a gap in place of events that a stuck thread does not take, and keeps the answers", async () => {
    const { feed, sent } = makeFeed();
    feed.setAudience("events", true);
    feed.publish(message(0));
    await feed.answer("snapshot");
    for (let number = 1; number <= MOST_WAITING; number++) feed.publish(message(number));
    feed.taken();
    assert.deepEqual(sent[1], [
      { type: "answer", to: "snapshot", value: SNAPSHOT },
      { type: "gap" },
      { type: "event", event: message(MOST_WAITING) },
    ]);
  });

  it("counts the probes that a stuck thread does not take", () => {
    const { feed, sent, publishProbe } = makeFeed();
    feed.setAudience("probes", true);
    publishProbe(probe(0));
    for (let sequence = 1; sequence <= MOST_WAITING + 5; sequence++) publishProbe(probe(sequence));
    feed.taken();
    assert.equal(sent[1]?.length, MOST_WAITING);
    publishProbe(probe(-1));
    feed.taken();
    assert.deepEqual(sent[2], [{ type: "event", event: { ...probe(-1), missed: 5 } }]);
  });

  it("asks for the same ten times a second at most", async () => {
    const { feed, sent } = makeFeed();
    const before = performance.now();
    for (let i = 0; i < 3; i++) {
      await feed.answer("snapshot");
      feed.taken();
    }
    assert.equal(sent.length, 3);
    assert.ok(performance.now() - before >= 195, "three answers within less than 200 ms");
  });

  it("hands on why there is no answer", async () => {
    const sent: (readonly StatusNews[])[] = [];
    const snapshot = () => Promise.reject(new Error("the daemon is ending"));
    await new StatusFeed({ ...SOURCE, snapshot }, (news) => sent.push(news)).answer("snapshot");
    assert.deepEqual(sent, [[{ type: "failure", to: "snapshot", text: "the daemon is ending" }]]);
  });
});
