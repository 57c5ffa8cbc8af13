import assert from "node:assert/strict";
import { detectionText } from "../../../scripts/lab/detection-text.ts";
import type { FlowReport, UdpReport } from "../../support/flow.ts";

const CALM = { stalls: 0, longestStallMs: 0 };

function playOf(outageMs: number, detectionTimeMs: number) {
  const flow = { kind: "udp", name: "IPv4-in", intervalUs: 1000, lost: outageMs };
  return { failure: { flows: [flow as unknown as UdpReport] } as unknown as FlowReport, detectionTimeMs };
}

describe("what is told of a measured detection", () => {
  it("is the time in force", () => {
    assert.equal(detectionText(playOf(180, 200), CALM, 200), "failure detection time 200 ms");
  });

  it("is why that is not the configured one", () => {
    const text = "failure detection time 550 ms, raised from 200 ms since targets were slow on this machine";
    assert.equal(detectionText(playOf(450, 550), CALM, 200), text);
  });

  it("is what kept the prober, where the time was not kept", () => {
    const text =
      "failure detection time 200 ms; 50 ms more than that: a busy machine, the prober was late 3 times, by up to 90 ms";
    assert.equal(detectionText(playOf(250, 200), { stalls: 3, longestStallMs: 90 }, 200), text);
  });
});
