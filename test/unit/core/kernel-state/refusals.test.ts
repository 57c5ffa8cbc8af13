import assert from "node:assert/strict";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { NextHopIds } from "../../../../src/core/kernel-state/next-hop-ids.ts";
import { RefusalReport } from "../../../../src/core/kernel-state/refusals.ts";
import type { Message } from "../../../../src/core/messages.ts";
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

function refuse(report: RefusalReport, bench: Bench, requests: readonly KernelRequest[], code: string): Message[] {
  const refusals = requests.map((request) => ({ request, code, text: "", times: 2 }));
  return report.refused(refusals, [bench.group], bench.picture, new NextHopIds(bench.picture), 0);
}

/** What is said of the second refusal in a row, the first that counts. */
function said(bench: Bench, request: KernelRequest, code = "EEXIST"): string | undefined {
  return refuse(new RefusalReport(), bench, [request], code)[0]?.id;
}

function setBroadcast(destination: string): KernelRequest {
  const place = { family: 4, destination, table: 255, type: "broadcast", scope: "link" } as const;
  return { op: "set-route", route: { ...ROUTE, ...place, source: "" }, replace: false };
}

function setting(link: string, key: string): KernelRequest {
  return { op: "set-setting", link, index: link === "" ? 0 : 1, key, value: "1" };
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

  it("the broadcast route of an address that is told as a bypass has that line, too", () => {
    const bench = new Bench(PAIR);
    bench.route(1, "192.0.2.0/24", "");
    assert.equal(said(bench, setBroadcast("192.0.2.255/32")), "request-failed", "somebody's own route brings none");
    bench.route(1, "192.0.2.0/24", "", 2);
    assert.equal(said(bench, setBroadcast("192.0.2.255/32")), undefined);
    assert.equal(said(bench, setBroadcast("198.51.100.255/32")), "request-failed");
  });

  it("all settings that can not be written have one line, and one when they can", () => {
    const bench = new Bench(PAIR);
    const report = new RefusalReport();
    const settings = [
      setting("a", "ipv4.arp_ignore"),
      setting("a.7", "ipv6.accept_ra"),
      setting("", "ipv4.nexthop_compat_mode"),
    ];
    const up: KernelRequest = { op: "set-link-up", index: 1 };
    assert.deepEqual(
      refuse(report, bench, [up, ...settings], "EROFS").map((message) =>
        "settings" in message ? message : message.id,
      ),
      [
        "request-failed",
        {
          id: "settings-refused",
          code: "EROFS",
          settings: ["net.ipv4.conf.a.arp_ignore=1", "net.ipv6.conf.a/7.accept_ra=1", "net.ipv4.nexthop_compat_mode=1"],
        },
      ],
    );
    assert.deepEqual(refuse(report, bench, settings, "EROFS"), []);
    assert.equal(said(bench, setting("a", "ipv4.arp_ignore"), "EINVAL"), "request-failed");
    const names = ["net.ipv4.conf.a.arp_ignore", "net.ipv6.conf.a/7.accept_ra", "net.ipv4.nexthop_compat_mode"];
    assert.deepEqual(report.granted([...settings, up], bench.picture), [
      { id: "settings-taken", settings: names },
      { id: "request-taken", operation: "set-link-up a" },
    ]);
    assert.deepEqual(report.granted(settings, bench.picture), []);
  });
});
