/** A member on which the kernel has no IPv6, at the start or later, takes nothing of IPv4 along, and IPv6 goes by the others. */
import assert from "node:assert/strict";
import type { DaemonSnapshot } from "../../src/control/client.ts";
import { LabDaemon } from "../support/daemon.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { TwentyPeers } from "../support/twenty-peers.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const FOUR = ["192.0.2.10", "192.0.2.11"];
const SIX = ["2001:db8::10", "2001:db8::11"];

function configuration(addresses: readonly string[]): string {
  const data = addresses.map((address) => `"${address}/${address.includes(":") ? 64 : 24}"`);
  return `groups: { ipmp0: { interfaces: { eth0: , eth1: }, addresses: [${data.join(", ")}], flap-limit: off } }\n`;
}

/** INBOUND and OUTBOUND of the addresses of a family, and the state of the group. */
function shown({ groups, addresses }: DaemonSnapshot, family: 4 | 6): string {
  const rows = addresses.filter((row) => row.family === family);
  const inbound = [...new Set(rows.map((row) => row.inbound ?? "none"))].sort().join(" ");
  const outbound = [...new Set(rows.flatMap((row) => row.outbound))].sort().join(" ");
  const states = [...new Set(rows.map(({ state }) => state))].join(" ");
  return `${groups[0]?.state}, ${states}, in ${inbound}, out ${outbound || "none"}`;
}

interface Loss {
  readonly what: string;
  readonly lose: (laboratory: Laboratory) => Promise<unknown>;
  readonly regain: (laboratory: Laboratory) => Promise<unknown>;
  readonly reason: RegExp;
}

function sysctl(link: string, value: 0 | 1): Loss["lose"] {
  return (laboratory) =>
    laboratory.run("host", ["sh", "-c", `echo ${value} >/proc/sys/net/ipv6/conf/${link}/disable_ipv6`]);
}

const mtu =
  (octets: number): Loss["lose"] =>
  (laboratory) =>
    laboratory.ip("host", [`link set eth0 mtu ${octets}`]);

const OF_ONE: readonly Loss[] = [
  {
    what: "IPv6 is switched off on it",
    lose: sysctl("eth0", 1),
    regain: sysctl("eth0", 0),
    reason: /eth0.*disable_ipv6/,
  },
  { what: "its MTU is too small for IPv6", lose: mtu(1200), regain: mtu(1500), reason: /eth0.*MTU.*1280/ },
];

/** What `ip` shows of the link-local address of eth0. */
function linkLocal(laboratory: Laboratory) {
  return async () => {
    const words = ["-6", "address", "show", "dev", "eth0", "scope", "link"];
    const [link] = await laboratory.ipJson<{ addr_info?: { local: string; dadfailed?: boolean }[] }>("host", ...words);
    return link?.addr_info?.[0];
  };
}

const DOWN_AND_UP = ["link set eth0 down", "link set eth0 up"];

/** Somebody else on the link has its link-local address, so that the kernel does not use it, and asks no IPv6 neighbour through the link. */
const TAKEN: Loss = {
  what: "its link-local address is taken",
  lose: async (laboratory) => {
    const held = await waitFor("a link-local address", linkLocal(laboratory), (seen) => seen !== undefined);
    await laboratory.ip("peer", [`address add ${held?.local}/64 dev lan nodad`]);
    await laboratory.ip("host", DOWN_AND_UP);
    await waitFor("detection to fail", linkLocal(laboratory), (seen) => seen?.dadfailed === true);
  },
  regain: async (laboratory) => {
    const held = await linkLocal(laboratory)();
    await laboratory.ip("peer", [`address delete ${held?.local}/64 dev lan`]);
    await laboratory.ip("host", DOWN_AND_UP);
  },
  reason: /eth0 can not carry IPv6: somebody else on the link has its link-local address fe80::/,
};

describe("a member without IPv6", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon | undefined;
  let peers: TwentyPeers;

  beforeEach(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, peer: true });
    peers = await TwentyPeers.create(laboratory, [...FOUR, ...SIX]);
  });

  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    await laboratory?.close();
  });

  const start = async (addresses: readonly string[]) => {
    daemon = await LabDaemon.start(laboratory, configuration(addresses));
    return daemon;
  };

  for (const { what, lose } of [
    ...OF_ONE,
    { what: "IPv6 is switched off on the whole host", lose: sysctl("all", 1) },
  ]) {
    it(`takes nothing of an IPv4 group along: ${what}`, async () => {
      await lose(laboratory);
      const { until } = bound(await start(FOUR));
      await until("both members to carry IPv4", (seen) => shown(seen, 4) === "ok, up, in eth0 eth1, out eth0 eth1");
      await peers.allAnswer([4]);
    });
  }

  for (const { what, lose, regain, reason } of [...OF_ONE, TAKEN]) {
    it(`leaves IPv6 to the other one: ${what} at the start`, async () => {
      await lose(laboratory);
      const { until, ipmpstat } = bound(await start([...FOUR, ...SIX]));
      await until("eth1 to carry IPv6", (seen) => shown(seen, 6) === "degraded, up, in eth1, out eth1", 20_000);
      await until("both to carry IPv4", (seen) => shown(seen, 4) === "degraded, up, in eth0 eth1, out eth0 eth1");
      await peers.allAnswer([4, 6]);
      assert.match((await ipmpstat("-g")).stderr, reason);
      await regain(laboratory);
      await until("both to carry IPv6", (seen) => shown(seen, 6) === "ok, up, in eth0 eth1, out eth0 eth1", 20_000);
      await peers.allAnswer([4, 6]);
    });
  }

  for (const { what, lose, regain, reason } of OF_ONE) {
    it(`leaves IPv6 to the other one while ${what}`, async () => {
      const { until, ipmpstat, log } = bound(await start([...FOUR, ...SIX]));
      await until("both to carry", (seen) => shown(seen, 6) === "ok, up, in eth0 eth1, out eth0 eth1");
      await peers.allAnswer([4, 6]);
      await lose(laboratory);
      // Much sooner than the periodic look at everything.
      await until("eth1 to carry IPv6", (seen) => shown(seen, 6) === "degraded, up, in eth1, out eth1", 5_000);
      await until("both to carry IPv4", (seen) => shown(seen, 4) === "degraded, up, in eth0 eth1, out eth0 eth1");
      await peers.allAnswer([4, 6]);
      assert.match((await ipmpstat("-g")).stderr, reason);
      await regain(laboratory);
      await until("both to carry IPv6", (seen) => shown(seen, 6) === "ok, up, in eth0 eth1, out eth0 eth1");
      await peers.allAnswer([4, 6]);
      assert.equal(log().match(/not plumbed for IPv6/g)?.length, 1);
      assert.equal(log().match(/is now consistent with group/g)?.length, 1);
    });
  }

  it("is nobody, once IPv6 is switched off on the whole host: IPv4 goes on, and IPv6 comes back with it", async () => {
    const { until, ipmpstat } = bound(await start([...FOUR, ...SIX]));
    await until("both to carry", (seen) => shown(seen, 6) === "ok, up, in eth0 eth1, out eth0 eth1");
    await sysctl("all", 1)(laboratory);
    await until("nobody to carry IPv6", (seen) => shown(seen, 6) === "failed, down, in none, out none", 5_000);
    await until("both to carry IPv4", (seen) => shown(seen, 4) === "failed, up, in eth0 eth1, out eth0 eth1");
    await peers.allAnswer([4]);
    assert.match((await ipmpstat("-g")).stderr, /no functioning member can carry IPv6/);
    await sysctl("all", 0)(laboratory);
    await until("both to carry IPv6", (seen) => shown(seen, 6) === "ok, up, in eth0 eth1, out eth0 eth1", 20_000);
    await peers.allAnswer([4, 6]);
  });
});

function bound(daemon: LabDaemon) {
  return {
    until: daemon.until.bind(daemon),
    ipmpstat: daemon.ipmpstat.bind(daemon),
    log: daemon.log.bind(daemon),
  };
}
