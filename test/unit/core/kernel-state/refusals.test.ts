import assert from "node:assert/strict";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { NextHopIds } from "../../../../src/core/kernel-state/next-hop-ids.ts";
import { RefusalReport } from "../../../../src/core/kernel-state/refusals.ts";
import { Bench, PAIR } from "../probing/support.ts";

const ROUTE = {
  table: 254,
  metric: 0,
  type: "unicast",
  scope: "universe",
  protocol: 77,
  nextHopId: 1,
  index: 0,
} as const;

function setRoute(destination: string, metric = 0): KernelRequest {
  const family = destination.includes(":") ? 6 : 4;
  return { op: "set-route", route: { ...ROUTE, family, destination, metric, source: "" }, replace: false };
}

/** What is said of the second refusal in a row, the first that counts. */
function said(bench: Bench, request: KernelRequest, code = "EEXIST"): string | undefined {
  const ids = new NextHopIds(bench.picture);
  return new RefusalReport().refused({ request, code, text: "", times: 2 }, [bench.group], bench.picture, ids, 0)?.id;
}

describe("refusals in the log", () => {
  it("a route that a bypass keeps out has its line as a bypass already", () => {
    const bench = new Bench(PAIR);
    bench.route(1, "0.0.0.0/0", "192.0.2.1");
    assert.equal(said(bench, setRoute("0.0.0.0/0")), undefined);
  });

  it("other refusals, of other routes, and where the other route leaves by no member, are told", () => {
    const bench = new Bench(PAIR);
    bench.route(1, "0.0.0.0/0", "192.0.2.1");
    assert.equal(said(bench, setRoute("0.0.0.0/0"), "EINVAL"), "request-failed");
    assert.equal(said(bench, { op: "set-link-up", index: 1 }), "request-failed");
    assert.equal(said(bench, setRoute("10.0.0.0/8")), "request-failed");
    assert.equal(said(bench, setRoute("0.0.0.0/0", 5)), "request-failed");
    assert.equal(said(bench, setRoute("::/0")), "request-failed");
    bench.route(7, "203.0.113.0/24", "192.0.2.1");
    assert.equal(said(bench, setRoute("203.0.113.0/24")), "request-failed");
  });

  it("in the anonymous group nothing is a bypass", () => {
    const bench = new Bench({ ...PAIR, anonymous: true });
    bench.route(1, "0.0.0.0/0", "192.0.2.1");
    assert.equal(said(bench, setRoute("0.0.0.0/0")), "request-failed");
  });
});
