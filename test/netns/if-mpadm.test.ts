/** An administrator takes a card out of service and brings it back: `if_mpadm`, with traffic, through crashes and restarts. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateChanges } from "../../src/control/events.ts";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { hostAddresses, untilHost } from "../support/host-picture.ts";
import { KernelMonitor } from "../support/kernel-monitor.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, type Division, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";

const NOT_RUNNING = "\n(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";

const refusal = await enterSandbox();

/** Whoever comes back has to answer ten probes first, which are over soon. */
const CONFIGURATION = `${standardConfiguration({
  interfaces: `{
      eth0: { test-address: 192.0.2.21/24 },
      eth1: { test-address: 192.0.2.22/24 },
      eth2: { test-address: 192.0.2.23/24, standby: true } }`,
})}    failure-detection-time: 300ms
`;

const TEST_ADDRESSES = { eth0: "192.0.2.21/32", eth1: "192.0.2.22/32", eth2: "192.0.2.23/32" } as const;
type Card = keyof typeof TEST_ADDRESSES;

/** eth0 is out, and the standby stands in for it. */
const WITHOUT_ETH0: Division = {
  hosts: ["eth2", "eth1", "eth1"],
  carrying: ["eth1", "eth2"],
  functioning: ["eth1", "eth2"],
  nominated: "eth1",
};

const DONE = { status: 0, stdout: "", stderr: "" };
const fatal = (text: string) => ({ status: 1, stdout: "", stderr: `if_mpadm: fatal: ${text}\n` });

describe("if_mpadm", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await until("ok: eth0 active, eth1 active, eth2 inactive", AT_FIRST);
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  /** Waits for the words; then the kernel must follow, with the test addresses of those in service. */
  async function until(words: string, division: Division): Promise<void> {
    await daemon.until(words, (seen) => summary(seen) === words);
    const { addresses, routes } = standardPicture(division);
    const tests = division.functioning.map((card) => `${TEST_ADDRESSES[card as Card]} ${card} link`);
    await untilHost(laboratory, { addresses: [...addresses, ...tests], routes });
  }

  async function row(card: string): Promise<string> {
    const fields = "interface,active,flags,link,probe,state";
    const { stdout } = await daemon.ipmpstat("-P", "-i", "-o", fields);
    return stdout.split("\n").find((line) => line.startsWith(`${card}:`)) ?? "";
  }

  it("-d moves everything away first: pulling the cable right afterwards loses nothing (T106)", async () => {
    const window = await traffic.through(async () => {
      assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), DONE);
      await laboratory.pull("eth0");
      await until("degraded: eth0 offline, eth1 active, eth2 active", WITHOUT_ETH0);
    });
    assert.deepEqual(losers(window), []);
    assertServed(window, 0);
    assert.equal(await row("eth0"), "eth0:no:-----d-:down:disabled:offline");
    const addresses = await hostAddresses(laboratory);
    assert.deepEqual(
      addresses.filter((line) => / eth0\b/.test(line)),
      [],
    );
    assert.match(daemon.log(), / info .*eth0 of group ipmp0 has been taken offline by an administrator/);
  });

  it("-r of a card without link leaves it failed until the link is back, and then it works as before (T112)", async () => {
    assert.deepEqual(await daemon.tool("if_mpadm", "-r", "eth0"), DONE);
    await daemon.until("the failure", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active");
    const window = await traffic.through(async () => {
      await laboratory.plug("eth0");
      await daemon.until("the repair", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    });
    assertServed(window);
  });

  it("-d and -r under traffic lose nothing", async () => {
    const window = await traffic.through(async () => {
      assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth1"), DONE);
      assert.equal(await row("eth1"), "eth1:no:-----d-:up:disabled:offline");
      assert.deepEqual(await daemon.tool("if_mpadm", "-r", "eth1"), DONE);
      assert.match(await row("eth1"), /^eth1:yes:\S*:up:ok:ok$/);
    });
    assert.deepEqual(losers(window), []);
    assertServed(window, 0);
  });

  it("says in the words of Solaris what can not be (T107, T109, T114)", async () => {
    const unknown = "not a physical interface or not in an IPMP group";
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "lo"), fatal(`cannot offline lo: ${unknown}`));
    assert.deepEqual(await daemon.tool("if_mpadm", "-r", "eth0"), fatal("interface eth0 is not offline"));
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), DONE);
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), fatal("interface eth0 is already offline"));
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth1"), DONE);
    await daemon.until(
      "all by the standby",
      (seen) => summary(seen) === "degraded: eth0 offline, eth1 offline, eth2 active",
    );
    const before = await daemon.snapshot();
    assert.deepEqual(
      await daemon.tool("if_mpadm", "-d", "eth2"),
      fatal("cannot offline eth2: no other functioning interfaces are in its IPMP group"),
    );
    assert.deepEqual(stateChanges(before, await daemon.snapshot(), ""), []);
    for (const card of ["eth1", "eth0"]) assert.deepEqual(await daemon.tool("if_mpadm", "-r", card), DONE);
    await daemon.until("the return", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    await traffic.untilClean();
  });

  it("is refused for a twin of an address of hardware (T116, T117)", async () => {
    await laboratory.ip("host", ["link set eth1 down", "link set eth1 address 02:00:00:00:01:00", "link set eth1 up"]);
    await daemon.until("the twin", ({ interfaces }) =>
      interfaces.some(({ name, state, flags }) => name === "eth1" && state === "offline" && flags.duplicate),
    );
    assert.match(await row("eth1"), /^eth1:no:\S{6}h:up:disabled:offline$/);
    assert.deepEqual(
      await daemon.tool("if_mpadm", "-r", "eth1"),
      fatal("cannot undo-offline eth1: interface has duplicate hardware address"),
    );
    await laboratory.ip("host", ["link set eth1 down", "link set eth1 address 02:00:00:00:01:01", "link set eth1 up"]);
    await daemon.until("the return", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    await traffic.untilClean();
  });
});

describe("a card that is offline", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  const OUT = "degraded: eth0 offline, eth1 active, eth2 active";

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await daemon.until("the start", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  function stateFile(): string {
    const name = readdirSync(daemon.stateDir).find((file) => /^state-\d+\.json$/.test(file));
    assert.ok(name);
    return join(daemon.stateDir, name);
  }

  /** The card's history, without what changes by itself. */
  async function since(card: string): Promise<{ reason: string; sinceMs: number }> {
    const found = (await daemon.snapshot()).interfaces.find(({ name }) => name === card);
    assert.ok(found);
    return { reason: found.reason, sinceMs: Date.parse(found.since) };
  }

  it("stays so when the daemon is killed the moment it was told, and nothing is put on the card meanwhile", async () => {
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), DONE);
    await daemon.kill();
    const monitor = await KernelMonitor.start(laboratory, "address", "route", "nexthop");
    const window = await traffic.through(async () => {
      daemon = await LabDaemon.start(laboratory, CONFIGURATION);
      await daemon.until("what it was", (seen) => summary(seen) === OUT);
    });
    assert.deepEqual(losers(window), []);
    // Copies that were left until the move had been announced twice go in the meantime.
    const put = (await monitor.lines()).filter(({ line }) => / eth0\b/.test(line) && !line.startsWith("Deleted"));
    assert.deepEqual(put, []);
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), fatal("interface eth0 is already offline"));
  });

  it("stays so over an orderly restart, and it is still known since when", async () => {
    const before = await since("eth0");
    assert.equal(await daemon.stop(), 0);
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await daemon.until("what it was", (seen) => summary(seen) === OUT);
    const after = await since("eth0");
    assert.equal(after.reason, "administrator");
    assert.ok(Math.abs(after.sinceMs - before.sinceMs) < 100, `${after.sinceMs - before.sinceMs} ms apart`);
  });

  it("is in service again when it was brought back before the crash", async () => {
    assert.deepEqual(await daemon.tool("if_mpadm", "-r", "eth0"), DONE);
    await daemon.kill();
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await daemon.until("all in service", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    await traffic.untilClean();
  });

  it("is in service again when the state file was torn, which is told and put aside", async () => {
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), DONE);
    await daemon.stop();
    const file = stateFile();
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.slice(0, text.length / 2));
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await daemon.until("all in service", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    assert.ok(daemon.log().includes(`The state kept in ${file} is not understood: `));
    assert.equal(readFileSync(`${file}.bad`, "utf8"), text.slice(0, text.length / 2));
    await traffic.untilClean();
  });

  it("is told apart from one that can not be reached at all", async () => {
    await daemon.stop();
    assert.deepEqual(
      await daemon.tool("if_mpadm", "-d", "eth0"),
      fatal(`cannot offline eth0: cannot contact in.mpathd${NOT_RUNNING}`),
    );
  });

  it("is forgotten with --release, like all that was kept", async () => {
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    assert.deepEqual(await daemon.tool("if_mpadm", "-d", "eth0"), DONE);
    await daemon.stop();
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(
      readdirSync(daemon.stateDir).filter((name) => !name.endsWith(".bad")),
      [],
    );
  });
});
