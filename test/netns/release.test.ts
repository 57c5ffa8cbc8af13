/** `ipmpd --release` takes away exactly what is ours. */
import assert from "node:assert/strict";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, untilHost, without } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, standardConfiguration, standardPicture } from "../support/standard-group.ts";

const refusal = await enterSandbox();

/** What an administrator may have on the same cards, some of it close to what we do. */
const STRANGERS = [
  "address add 203.0.113.5/24 dev eth0",
  "address add 192.0.2.200/32 dev eth1",
  "address add 2001:db8:77::5/64 dev eth1 nodad",
  "nexthop add id 5 dev eth1",
  "nexthop add id 6 via 203.0.113.1 dev eth0",
  "nexthop add id 7 group 5",
  "route add 10.9.0.0/16 nhid 6 metric 10000",
  "route add 10.8.0.0/16 dev eth2 protocol static",
  "route add default via 203.0.113.1 metric 77",
  "-6 route add 2001:db8:99::/48 via 2001:db8:77::1",
  "route add local 198.18.0.1 dev lo table local",
];

/** Values that are neither the kernel's default nor ours. */
const SYSCTLS = [
  "ipv4/conf/eth0/arp_ignore=2",
  "ipv4/conf/eth0/arp_announce=1",
  "ipv4/conf/eth1/rp_filter=1",
  "ipv6/conf/eth2/accept_ra=2",
  "ipv4/fib_multipath_hash_policy=2",
];

const SPREAD = standardConfiguration().replace("    routes:", "    spread: l4\n    routes:");

const NOTHING = "Nothing of ours is in this network namespace.\n";

/** Some of what the standard group has, behind "would". */
const EXPECTED = [
  "take away: group interface ipmp0",
  "take away: address 192.0.2.10/32 of ipmp0",
  "take away: route default (0.0.0.0/0) metric 0",
  "take away: broadcast route 192.0.2.255/32 metric 0",
  "put back: ipv4.arp_ignore, ipv4.arp_announce, ipv4.rp_filter, ipv6.accept_ra of eth0",
  "leave up: eth0, with the addresses and routes of others",
];

describe("ipmpd --release", () => {
  let planned: string[] = [];
  let laboratory: Laboratory;
  let untouched: string[];

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    for (const line of STRANGERS) await laboratory.run("host", ["ip", ...line.split(" ")]);
    const input = SYSCTLS.map((setting) => `echo ${setting.split("=")[1]} >/proc/sys/net/${setting.split("=")[0]}\n`);
    await laboratory.run("host", ["sh", "-e"], { input: input.join("") });
    untouched = await dumpOf(laboratory, "host");
  });

  after(() => laboratory?.close());

  async function assertUntouched(): Promise<void> {
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  }

  it("has nothing to do where nothing is ours, and says so", async () => {
    for (const words of [["--release"], ["--release", "--dry-run"]]) {
      assert.deepEqual(await ipmpd(laboratory, "host", ...words), { status: 0, stdout: NOTHING, stderr: "" });
      await assertUntouched();
    }
  });

  it("is refused while a daemon runs, which goes on", async () => {
    const daemon = await LabDaemon.start(laboratory, SPREAD);
    const inPlace = await dumpOf(laboratory, "host");
    const { status, stderr } = await ipmpd(laboratory, "host", "--release");
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^ipmpd: .*already active\\?.*is held by process ${daemon.pid} .*\\n$`));
    assert.deepEqual(await dumpOf(laboratory, "host"), inPlace);
    assert.equal(await daemon.stop(), 0);
    assert.deepEqual(await dumpOf(laboratory, "host"), inPlace, "a daemon that stops leaves all in place");
  });

  it("says beforehand what it would take, and touches nothing", async () => {
    const inPlace = await dumpOf(laboratory, "host");
    const { status, stdout, stderr } = await ipmpd(laboratory, "host", "--release", "--dry-run");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.deepEqual(await dumpOf(laboratory, "host"), inPlace);
    planned = stdout.trimEnd().split("\n");
    for (const line of EXPECTED) assert.ok(planned.includes(`would ${line}`), `${line} in\n${stdout}`);
    const strangers = planned.filter((line) =>
      /203\.0\.113|192\.0\.2\.200|10\.[89]\.|2001:db8:(77|99)|198\.18/.test(line),
    );
    assert.deepEqual(strangers, []);
  });

  it("takes ours away, leaves everything of strangers, and says what it took", async () => {
    const { status, stdout, stderr } = await ipmpd(laboratory, "host", "--release");
    assert.deepEqual([status, stderr], [0, ""]);
    const done = planned.map((line) =>
      line.replace("would take away", "taken away").replace("would put", "put").replace("would leave", "left"),
    );
    assert.deepEqual(stdout.trimEnd().split("\n"), done);
    await assertUntouched();
    assert.equal((await ipmpd(laboratory, "host", "--release")).stdout, NOTHING);
  });

  it("puts the settings of a card back that was renamed after a crash", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await daemon.kill();
    await laboratory.rename("eth1", "blue");
    const { status, stdout, stderr } = await ipmpd(laboratory, "host", "--release");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^put back: .*ipv4\.rp_filter.* of blue$/m);
    await laboratory.rename("blue", "eth1");
    await assertUntouched();
  });

  it("does so after a crash with a cable out, too", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await daemon.kill();
    await laboratory.removeNic("eth2");
    const { status, stderr } = await ipmpd(laboratory, "host", "--release");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.deepEqual(without("eth2", await dumpOf(laboratory, "host")), without("eth2", untouched));
    await laboratory.recreateNic("eth2");
  });

  it("allows a fresh start", async () => {
    await LabDaemon.start(laboratory, standardConfiguration());
    const picture = standardPicture(AT_FIRST);
    const strangers = ["192.0.2.200/32 eth1", "2001:db8:77::5/64 eth1", "203.0.113.5/24 eth0"];
    await untilHost(laboratory, { ...picture, addresses: [...picture.addresses, ...strangers] });
  });
});
