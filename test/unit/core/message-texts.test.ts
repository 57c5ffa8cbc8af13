import assert from "node:assert/strict";
import { wording } from "../../../src/core/message-texts.ts";
import type { Message } from "../../../src/core/messages.ts";

const a = { interface: "a", group: "g" };
const reply = { ...a, family: 4, from: "192.0.2.1", sequence: 7, next: 9 } as const;
const times = { ...a, family: 6, configuredMs: 10_000, effectiveMs: 21_000 } as const;

/** [level, text] of each: scrapers of Solaris's logs match on most of these. */
const TEXTS: readonly [Message, string, string][] = [
  [{ id: "link-down", ...a }, "error", "The link has gone down on a"],
  [{ id: "link-up", ...a }, "info", "The link has come up on a"],
  [{ id: "interface-failed", ...a }, "error", "IP interface failure detected on a of group g"],
  [{ id: "interface-failed", interface: "a", group: "" }, "error", "IP interface failure detected on a"],
  [{ id: "interface-repaired", ...a }, "info", "IP interface repair detected on a of group g"],
  [{ id: "interface-repaired", interface: "a", group: "" }, "info", "IP interface repair detected on a"],
  [{ id: "group-failed", group: "g" }, "error", "All IP interfaces in group g are now unusable"],
  [{ id: "group-usable", ...a }, "info", "At least 1 IP interface (a) in group g is now usable"],
  [
    { id: "flapping", ...a, count: 2, windowMs: 60_000, heldForMs: 50_000, byLink: true },
    "error",
    "The link has come up on a more than 2 times in the last minute; disabling repair until it stabilizes",
  ],
  [
    { id: "flapping", ...a, count: 3, windowMs: 1500, heldForMs: 1000, byLink: true },
    "error",
    "The link has come up on a more than 3 times in the last 1.5 seconds; disabling repair until it stabilizes",
  ],
  [
    { id: "flapping", ...a, count: 2, windowMs: 60_000, heldForMs: 1000, byLink: false },
    "error",
    "IP interface a has been answered again more than 2 times in the last minute; disabling repair until it stabilizes",
  ],
  ...([4, 6] as const).map((family): [Message, string, string] => [
    { id: "target-astray", ...a, family, target: "t" },
    "warning",
    'Target t answers a of group "g" only what is sent to all hosts: the hardware address that the kernel has for it is wrong (ip neigh show t dev a), ' +
      `and data to it is lost. Somebody may forge ${family === 4 ? "ARP replies" : "neighbour advertisements"}: look for whoever has that hardware ` +
      "address, or make the right one permanent (ip neigh replace t lladdr ADDRESS dev a nud permanent)",
  ]),
  [
    { id: "target-direct", ...a, family: 4, target: "t" },
    "info",
    'Target t answers a of group "g" again without frames to all hosts',
  ],
  [
    { id: "waits-for-port", ...a, waitMs: 12_500, isToBeProbed: false },
    "info",
    "IP interface a of group g waits for its switch port while another one works: it carries nothing until a neighbour answers there, or for 12.5 s (link-up-delay)",
  ],
  [
    { id: "waits-for-port", ...a, waitMs: 30_000, isToBeProbed: true },
    "info",
    "IP interface a of group g waits for its switch port while another one works: it carries nothing until its probes are answered, or, with nobody to ask, for 30 s (link-up-delay)",
  ],
  [
    { id: "port-forwards", ...a, neighbour: "192.0.2.1" },
    "info",
    "192.0.2.1 answers on IP interface a of group g: its switch port forwards",
  ],
  [
    { id: "hardware-address-duplicate", ...a, other: "b", hardwareAddress: "02:00:00:00:00:01" },
    "error",
    "IP interface a has a hardware address which is not unique in group g; offlining",
  ],
  [
    { id: "hardware-address-unique", ...a },
    "info",
    "IP interface a now has a unique hardware address in group g; onlining",
  ],
  [
    { id: "addresses-of-missing", ...a, family: 6, to: "g", groupInterface: true },
    "info",
    "Moving addresses from missing IPv6 interface(s): a (moved to g).",
  ],
  [
    { id: "addresses-of-missing", ...a, family: 4, to: "b", groupInterface: false },
    "info",
    "moving addresses from failed IPv4 interfaces: a (moved to b)",
  ],
  [
    { id: "addresses-of-missing", ...a, family: 4, to: "", groupInterface: false },
    "info",
    "moving addresses from failed IPv4 interfaces: a (couldn't move, no alternative interface)",
  ],
  [{ id: "interface-removed", ...a, family: 4 }, "error", "inet a has been removed from kernel"],
  [{ id: "interface-removed", ...a, family: 6 }, "error", "inet6 a has been removed from kernel"],
  [
    { id: "family-missing", ...a, family: 6 },
    "error",
    "IP interface a in group g is not plumbed for IPv6, affecting IPv6 connectivity",
  ],
  [
    { id: "setting-outweighed", group: "g", key: "ipv4.arp_filter", value: "1", needed: "0" },
    "error",
    "The setting net.ipv4.conf.all.arp_filter=1 outweighs the 0 that group g has set on its interfaces, so some neighbours " +
      "get no answer when they look for a data address; take it down: sysctl -w net.ipv4.conf.all.arp_filter=0",
  ],
  [
    { id: "setting-in-force", group: "g", key: "ipv4.arp_ignore", needed: "1" },
    "info",
    "The setting net.ipv4.conf.all.arp_ignore no longer outweighs the 1 of group g",
  ],
  [
    { id: "families-consistent", ...a },
    "info",
    "IP interface a is now consistent with group g  and connectivity is restored",
  ],
  [
    { id: "no-test-address", ...a },
    "info",
    "No test address configured on interface a; disabling probe-based failure detection on it",
  ],
  [
    { id: "test-address-found", ...a, endsDuplicate: false },
    "info",
    "Test address now configured on interface a; enabling probe-based failure detection on it",
  ],
  [
    { id: "test-address-found", ...a, endsDuplicate: true },
    "info",
    "Test address now configured on interface a; enabling probe-based failure detection on it",
  ],
  [
    { id: "test-address-duplicate", ...a, address: "192.0.2.20" },
    "error",
    "Test address 192.0.2.20 is not unique in group; disabling probe-based failure detection on a",
  ],
  [
    { id: "detection-time-raised", ...times },
    "info",
    "Cannot meet requested failure detection time of 10000 ms on (inet6 a) " +
      'new failure detection time for group "g" is 21000 ms',
  ],
  [
    { id: "detection-time-lowered", ...times, effectiveMs: 10_000 },
    "info",
    'Improved failure detection time 10000 ms on (inet6 a) for group "g"',
  ],
  [{ id: "reply-out-of-window", ...reply }, "info", "out of window probe seq 7 snxt 9 on a from 192.0.2.1"],
  [
    { id: "reply-fake", ...reply, status: 3 },
    "info",
    "probe status 3 Fake probe reply seq 7 snxt 9 on a from 192.0.2.1",
  ],
  [
    { id: "reply-repeated", ...reply, status: 2 },
    "info",
    "probe status 2 Duplicate probe reply seq 7 snxt 9 on a from 192.0.2.1",
  ],
  [
    { id: "probe-refused", ...a, family: 4, code: "ENETDOWN", text: "" },
    "error",
    "probe: probe sendto (inet a): ENETDOWN",
  ],
  [
    { id: "probe-refused", ...a, family: 4, code: "ENETDOWN", text: "it is down" },
    "error",
    "probe: probe sendto (inet a): ENETDOWN (it is down)",
  ],
  [
    { id: "interface-enslaved", ...a, master: "br0" },
    "error",
    "Interface a of group g belongs to br0 and can not carry addresses of its own; take it out of br0 or out of the group",
  ],
  [
    { id: "interface-barred", ...a, family: 6, others: true, code: "EACCES", text: "IPv6 is disabled on this device" },
    "error",
    "Interface a of group g can not carry IPv6: EACCES (IPv6 is disabled on this device); other members carry it",
  ],
  [
    { id: "interface-barred", ...a, family: 4, others: false, code: "EPERM", text: "" },
    "error",
    "Interface a of group g can not carry IPv4: EPERM; no other member can",
  ],
  [
    { id: "group-impaired", group: "g", state: "degraded", reasons: ["one reason", "another"] },
    "error",
    "Group g is degraded: one reason; another",
  ],
  [{ id: "group-unimpaired", group: "g" }, "info", "Everything that group g needs of the kernel is in place again"],
  [
    { id: "request-failed", operation: "set-link-up a", code: "EPERM", text: "" },
    "error",
    "The kernel refused set-link-up a: EPERM",
  ],
  [
    { id: "request-failed", operation: "set-link-up a", code: "EINVAL", text: "no such thing" },
    "error",
    "The kernel refused set-link-up a: EINVAL (no such thing)",
  ],
  [
    { id: "reply-before-probe", ...a, family: 4, from: "192.0.2.1", now: 7, sentAt: 10.5 },
    "error",
    "incoming_echo_reply: rtt wraparound cur_hrtime 7000000 reply timestamp 10500000",
  ],
  [
    { id: "stand-in", interface: "g", kind: "ifb" },
    "warning",
    "Group interface g is of kind ifb, since this kernel has no dummy device; it serves as well " +
      "(`modprobe dummy` and a restart of ipmpd after `ipmpd --release` would give the usual kind)",
  ],
  [
    { id: "interface-not-made", interface: "g", code: "EEXIST", text: "" },
    "error",
    "Cannot make the group interface g: EEXIST; routes to lo keep its addresses local instead. " +
      "Rename what has that name, load the dummy module, or set `group-interface: false`",
  ],
  [{ id: "interface-appeared", ...a }, "info", "Interface a of group g has appeared"],
  [
    { id: "mtus-differ", interface: "b", group: "g", mtus: "a 1500, b 9000", mtu: 1500 },
    "warning",
    "The members of group g have different MTUs (a 1500, b 9000), so large packets are lost when traffic moves to a smaller one; " +
      "give them the same: ip link set b mtu 1500",
  ],
  [{ id: "mtus-equal", group: "g" }, "info", "The members of group g have the same MTU now"],
  [
    {
      id: "settings-refused",
      code: "EROFS",
      settings: ["net.ipv4.conf.a.arp_ignore=1", "net.ipv4.conf.a.arp_filter=0"],
    },
    "error",
    "The kernel lets no settings be written (EROFS); mount /proc/sys writable (read-only is usual in containers), or set them by hand: " +
      "sysctl -w net.ipv4.conf.a.arp_ignore=1 net.ipv4.conf.a.arp_filter=0",
  ],
  [
    { id: "settings-taken", settings: ["a", "b", "c", "d", "e"] },
    "info",
    "These settings are as they have to be now: a, b, c and 2 more",
  ],
  [{ id: "request-taken", operation: "set-route default" }, "info", "The kernel no longer refuses set-route default"],
  [
    { id: "put-back", group: "g", what: "3 addresses" },
    "warning",
    "Somebody else has taken away or changed what is ours in group g: 3 addresses; it is put back",
  ],
  [
    { id: "contested", group: "g", what: "next hops, routes", times: 12, minutes: 2 },
    "error",
    "Somebody else works against us in group g: next hops, routes changed 12 times in 2 minutes, and put back each time; find out who with " +
      "`ip -ts monitor` (settings: look for programs that run sysctl), and keep that program off what is ours",
  ],
  [
    { id: "contest-over", group: "", what: "settings", times: 4, minutes: 1 },
    "info",
    "Nobody works against us any more: settings had been changed 4 times in a minute",
  ],
  [
    { id: "told-too-often", group: "g", latest: "The link has gone down on a" },
    "warning",
    "This comes too often to be told each time; the next line about it follows when it has been quiet for a minute: The link has gone down on a",
  ],
  [
    { id: "told-again", group: "g", lines: 480, seconds: 5 },
    "info",
    "Quiet again after 480 lines in 5 s that were left out; the latest of them follows",
  ],
];

describe("messages", () => {
  it("are in the words of Solaris where Solaris has some", () => {
    for (const [message, level, text] of TEXTS) assert.deepEqual(wording(message), { level, text });
  });

  it("name one address that moved, and count many", () => {
    const moved = (addresses: string[]) =>
      wording({ id: "addresses-moved", addresses, group: "g", from: "a", to: "b" }).text;
    assert.equal(moved(["192.0.2.10"]), "Data address 192.0.2.10 of group g moved from a to b");
    assert.equal(moved(["192.0.2.10", "192.0.2.11"]), "2 data addresses of group g moved from a to b");
  });

  it("name a route that leads past the group, and how to take it away", () => {
    const remedy = "ip -4 route del default";
    const route = "default via 192.0.2.1 dev a";
    const { level, text } = wording({ id: "route-bypasses", ...a, route, remedy, target: "" });
    assert.equal(level, "error");
    assert.ok(text.endsWith(`; take it away: ${remedy}`), text);
  });

  it("tell of a route that names a target how else to name it", () => {
    const host = {
      route: "192.0.2.3/32 via 192.0.2.3 dev a",
      remedy: "ip -4 route del 192.0.2.3/32",
      target: "192.0.2.3",
    };
    const { text } = wording({ id: "route-bypasses", ...a, ...host });
    assert.ok(text.includes("; name 192.0.2.3 in `targets` if it is to be probed, and take it away: ip -4 "), text);
  });
});
