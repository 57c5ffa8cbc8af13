/** New configurations for a daemon at work: by SIGHUP, `ipmpadm reload` and `PUT /v1/config`, under traffic. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { LabDaemon } from "../support/daemon.ts";
import { dumpOf, hostAddresses, hostPicture, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, DATA, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, losers, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const THIRD = "192.0.2.12";

const TWO = standardConfiguration({ interfaces: "{ eth0: , eth1: }" });
const THREE = standardConfiguration();
const WITH_THIRD = THREE.replace("addresses: [", `addresses: [${THIRD}/24, `);
/** Two mistakes in one file. */
const BAD = THREE.replace("failback: true", "failback: maybe").replace("interfaces:", "interface:");

/** How to make the daemon take a text; resolves when it has said what came of it. */
type Way = (daemon: LabDaemon, text: string) => Promise<unknown>;

function countOf(daemon: LabDaemon, pattern: RegExp): number {
  return daemon.log().match(new RegExp(pattern.source, "g"))?.length ?? 0;
}

async function bySignal(daemon: LabDaemon, text: string): Promise<void> {
  const ends = /is in force: |stays in force/;
  const before = countOf(daemon, ends);
  daemon.write(text);
  daemon.hangUp();
  await waitFor(
    "the reload",
    () => countOf(daemon, ends),
    (count) => count > before,
  );
}

async function byTool(daemon: LabDaemon, text: string): Promise<{ status: number; stderr: string }> {
  daemon.write(text);
  return daemon.tool("ipmpadm", "reload");
}

const WAYS: Readonly<Record<string, Way>> = {
  SIGHUP: bySignal,
  "ipmpadm reload": byTool,
  "PUT /v1/config": (daemon, text) => daemon.client.applyConfiguration(text).catch((error: Error) => error),
};

describe("a reload", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, TWO);
    await untilHost(laboratory, standardPicture({ ...AT_FIRST, functioning: ["eth0", "eth1"] }));
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  /** The picture without daemon and clock. */
  async function picture() {
    const { groups, interfaces, addresses } = await daemon.snapshot();
    return { groups, interfaces: interfaces.map(({ name, state, active }) => ({ name, state, active })), addresses };
  }

  it("adds a member under traffic, and nothing of it is lost", async () => {
    const window = await traffic.through(async () => {
      await bySignal(daemon, THREE);
      assert.equal(summary(await daemon.snapshot()), "ok: eth0 active, eth1 active, eth2 inactive");
      await untilHost(laboratory, standardPicture(AT_FIRST));
    });
    assert.deepEqual(losers(window), []);
    assertServed(window, 0);
    assert.match(daemon.log(), /SIGHUP: restart and reread config file/);
    assert.match(daemon.log(), /The configuration from \S+ is in force: group ipmp0 changed/);
  });

  it("adds an address and takes it away again, and nothing of the rest is lost", async () => {
    const window = await traffic.through(async () => {
      await bySignal(daemon, WITH_THIRD);
      await laboratory.run("client", ["ping", "-c1", "-W2", THIRD]);
      await bySignal(daemon, THREE);
    });
    assert.deepEqual(losers(window), []);
    assertServed(window, 0);
    const left = (await hostAddresses(laboratory)).filter((line) => line.startsWith(THIRD));
    assert.deepEqual(left, []);
  });

  it("takes a member away under traffic, and nothing is lost", async () => {
    const without = THREE.replace("eth1: , ", "");
    const window = await traffic.through(async () => {
      await bySignal(daemon, without);
      await daemon.until("two members", (seen) => summary(seen) === "ok: eth0 active, eth2 inactive");
    });
    assert.deepEqual(losers(window), []);
    assert.deepEqual(
      (await hostAddresses(laboratory)).filter((line) => / eth1\b/.test(line)),
      [],
    );
    await bySignal(daemon, THREE);
    await daemon.until("three members", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    await traffic.untilClean();
  });

  it("changes nothing when there is nothing to change", async () => {
    const before = { kernel: await dumpOf(laboratory, "host"), shown: await picture() };
    await bySignal(daemon, `# a remark\n${THREE}`);
    assert.match(daemon.log(), /is in force: nothing has changed/);
    assert.deepEqual({ kernel: await dumpOf(laboratory, "host"), shown: await picture() }, before);
  });

  it("has the same outcome by every way", async () => {
    const outcomes: unknown[] = [];
    for (const way of Object.values(WAYS)) {
      await bySignal(daemon, THREE);
      await way(daemon, WITH_THIRD);
      outcomes.push({ shown: await picture(), force: await daemon.client.configuration() });
      await waitFor(
        "the old copies to go",
        async () => (await hostPicture(laboratory)).addresses,
        (addresses) => new Set(addresses.map((line) => line.split(" ")[0])).size * 2 === addresses.length,
      );
    }
    assert.equal(outcomes.length, 3);
    for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
    await bySignal(daemon, THREE);
  });

  for (const [name, way] of Object.entries(WAYS)) {
    it(`of a bad file changes nothing, and every mistake is named with its place: ${name}`, async () => {
      const kernel = await dumpOf(laboratory, "host");
      const [shown, force] = [await picture(), await daemon.client.configuration()];
      const already = daemon.log().length;
      const window = await traffic.through(async () => {
        await way(daemon, BAD);
      });
      assert.deepEqual(losers(window), []);
      const told = daemon.log().slice(already);
      assert.match(told, /:3:5: \S*.*interface/);
      assert.match(told, /:4:\d+: .*failback/);
      assert.match(told, /The new configuration is refused, and the one before stays in force/);
      assert.deepEqual(await dumpOf(laboratory, "host"), kernel);
      assert.deepEqual([await picture(), await daemon.client.configuration()], [shown, force]);
    });
  }

  it("tells the tools what was wrong", async () => {
    const { status, stderr } = await byTool(daemon, BAD);
    assert.equal(status, 2);
    assert.match(stderr, /ipmp\.yaml:3:5: /);
    assert.match(stderr, /ipmp\.yaml:4:\d+: /);
    await assert.rejects(daemon.client.applyConfiguration(BAD), /BAD_CONFIGURATION/);
    rmSync(daemon.configFile);
    const gone = await daemon.tool("ipmpadm", "reload");
    assert.notEqual(gone.status, 0);
    assert.match(gone.stderr, /no configuration file/);
    assert.equal((await byTool(daemon, THREE)).status, 0);
  });

  it("loses no history: what is offline or failed stays so, and since when", async () => {
    assert.equal((await daemon.tool("if_mpadm", "-d", "eth1")).status, 0);
    await laboratory.pull("eth2");
    const words = "degraded: eth0 active, eth1 offline, eth2 failed";
    await daemon.until("the failure", (seen) => summary(seen) === words);
    const history = async () =>
      (await daemon.snapshot()).interfaces.map(({ name, reason, since, history }) => ({
        name,
        reason,
        since,
        history,
      }));
    const before = await history();
    for (const way of Object.values(WAYS)) {
      await way(daemon, WITH_THIRD);
      assert.equal(summary(await daemon.snapshot()), words);
      await way(daemon, THREE);
      assert.equal(summary(await daemon.snapshot()), words);
    }
    assert.deepEqual(await history(), before);
    await laboratory.plug("eth2");
    assert.equal((await daemon.tool("if_mpadm", "-r", "eth1")).status, 0);
    await daemon.until("the return", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
  });

  it("during a failover disturbs neither", async () => {
    const window = await traffic.through(async () => {
      await Promise.all([laboratory.pull("eth0"), bySignal(daemon, WITH_THIRD)]);
      await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active");
    });
    assertServed(window);
    await laboratory.plug("eth0");
    await daemon.until("the repair", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
  });

  it("many at once end with the newest file", async () => {
    for (let round = 0; round < 20; round++) {
      daemon.write(round % 2 === 0 ? WITH_THIRD : TWO);
      daemon.hangUp();
    }
    daemon.write(THREE);
    const { status } = await daemon.tool("ipmpadm", "reload");
    assert.equal(status, 0);
    assert.equal(summary(await daemon.snapshot()), "ok: eth0 active, eth1 active, eth2 inactive");
    await untilHost(laboratory, standardPicture({ ...AT_FIRST, hosts: await hosts(), nominated: "eth1" }));
    await traffic.untilClean();
  });

  /** Who hosts what by now: several homes are right after so many moves. */
  async function hosts(): Promise<[string, string, string]> {
    const { addresses } = await daemon.snapshot();
    const hostOf = (wanted: string) => addresses.find(({ address }) => address === wanted)?.inbound ?? "nobody";
    return [hostOf(DATA.first), hostOf(DATA.second), hostOf(DATA.six)];
  }
});
