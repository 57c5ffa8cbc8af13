/** What somebody else takes away or changes is put back, and said: the first time as a whole, then as a contest. And MTUs that differ. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, standardConfiguration, standardPicture } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

/** Settings have no notices: the next reading of everything finds them. */
const FULL_SCAN_MS = 40_000;

const PUT_BACK = /Somebody else has taken away or changed what is ours in group ipmp0: (.*); it is put back/;

describe("somebody else at work on what is ours", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await untilHost(laboratory, standardPicture(AT_FIRST));
  });

  after(() => laboratory?.close());

  function lines(pattern: RegExp): string[] {
    return daemon
      .log()
      .split("\n")
      .filter((line) => pattern.test(line));
  }

  /** Has somebody do it, and waits until all is as before and `count` lines tell of such. Returns the latest. */
  async function done(command: readonly string[], pattern: RegExp, count: number): Promise<string> {
    await laboratory.run("host", [...command]);
    const told = await waitFor(
      `${count} lines ${pattern}`,
      () => lines(pattern),
      (seen) => seen.length >= count,
      FULL_SCAN_MS,
    );
    assert.equal(told.length, count, told.join("\n"));
    await untilHost(laboratory, standardPicture(AT_FIRST));
    return told.at(-1) ?? "";
  }

  it("is told of addresses, next hops and routes, and of the group interface, one line for each command", async () => {
    const flushed = await done(["ip", "-4", "address", "flush", "dev", "eth0"], PUT_BACK, 1);
    assert.match(flushed, /warning .*addresses 192\.0\.2\.10\/32 of eth0/);
    const hops = await done(["ip", "nexthop", "flush", "protocol", "77"], PUT_BACK, 2);
    assert.match(hops, /next hops/);
    const device = await done(["ip", "link", "delete", "ipmp0"], PUT_BACK, 3);
    assert.match(device, /the group interface/);
  });

  it("is told of a setting", async () => {
    const line = await done(["sysctl", "-qw", "net.ipv4.conf.eth1.arp_ignore=0"], PUT_BACK, 4);
    assert.match(line, /settings ipv4\.arp_ignore=1 of eth1/);
  });

  it("is named as a contest when it goes on, once", async () => {
    const flush = ["ip", "-4", "address", "flush", "dev", "eth0"];
    await done(flush, PUT_BACK, 5);
    await done(flush, /error .*Somebody else works against us in group ipmp0: addresses changed/, 1);
    assert.equal(lines(PUT_BACK).length, 5);
  });

  it("gives a member another MTU: said with numbers and remedy, and once that they are equal", async () => {
    const warning = /warning .*different MTUs \(eth0 1500, eth1 1400, eth2 1500\).*ip link set eth\d mtu 1400$/;
    const set = (mtu: string) => laboratory.run("host", ["ip", "link", "set", "eth1", "mtu", mtu]);
    await set("1400");
    await waitFor(
      "the warning",
      () => lines(warning),
      (seen) => seen.length === 1,
    );
    await set("1500");
    await waitFor(
      "its end",
      () => lines(/info .*group ipmp0 have the same MTU now/),
      (seen) => seen.length === 1,
    );
    assert.equal(lines(/different MTUs/).length, 1);
  });
});
