/** The laboratory itself: what it measures is only as good as it is. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FlowMeter, type FlowPlan, type UdpReport, udpReports } from "../support/flow.ts";
import { ADDRESSES, Laboratory, monotonicNs, type WireKind, wireRefusal } from "../support/laboratory.ts";
import { ProcessKeeper } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const HOST = { 4: "192.0.2.10", 6: "2001:db8::10" } as const;
const INTERVAL_US = 100;
/** Half a second of each flow. */
const ENOUGH_PACKETS = 5000;

/** The host as a machine with one card in use would be: no group, no daemon. */
async function settleHost(laboratory: Laboratory): Promise<void> {
  await laboratory.run("host", ["sh", "-e"], { input: "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore\n" });
  await laboratory.ip("host", [
    `address add ${HOST[4]}/24 dev eth0`,
    `address add ${HOST[6]}/64 dev eth0 nodad`,
    `route add default via ${ADDRESSES.router[4]}`,
    `route add default via ${ADDRESSES.router[6]}`,
  ]);
}

function plans(): FlowPlan[] {
  return ([4, 6] as const).flatMap((family): FlowPlan[] => {
    const host = { namespace: "host", address: HOST[family] } as const;
    const client = { namespace: "client", address: ADDRESSES.client[family] } as const;
    return [
      { name: `in${family}`, kind: "udp", from: client, to: host },
      { name: `out${family}`, kind: "udp", from: host, to: client },
    ];
  });
}

/** Reports, again and again, until `done` holds for every UDP flow. */
function untilFlows(meter: FlowMeter, what: string, done: (flow: UdpReport) => boolean): Promise<UdpReport[]> {
  return waitFor(
    what,
    async () => udpReports(await meter.report()),
    (flows) => flows.every(done),
  );
}

/** Listens to a namespace's link events. Returns a wait for the first one that tells of a card without carrier. */
async function listenForLoss(laboratory: Laboratory, nic: string): Promise<() => Promise<number>> {
  const monitor = laboratory.spawn("host", ["ip", "monitor", "link"], { stdio: ["ignore", "pipe", "inherit"] });
  assert.ok(monitor.stdout);
  const heard: { line: string; atNs: number }[] = [];
  createInterface({ input: monitor.stdout }).on("line", (line) => heard.push({ line, atNs: monotonicNs() }));
  // A change that everybody is told of at once shows that it listens.
  const change = async () => {
    await laboratory.ip("host", [`link set ${nic} alias change${heard.length}`]);
    return heard.length;
  };
  await waitFor("ip monitor to listen", change, (count) => count > 0);
  const find = () => heard.find(({ line }) => line.includes(nic) && line.includes("NO-CARRIER"));
  return async () => (await waitFor("a notice of the loss", find, (found) => found !== undefined))?.atNs ?? 0;
}

function millisecondsFrom(startNs: number, endNs: number): number {
  return (endNs - startNs) / 1e6;
}

for (const wire of ["veth", "tap"] as const satisfies readonly WireKind[]) {
  describe(`laboratory with ${wire} cables`, () => {
    let laboratory: Laboratory;

    before(function () {
      if (refusal !== undefined) skipBecause(this, refusal);
      const missing = wireRefusal(wire);
      if (missing !== undefined) skipBecause(this, missing);
    });

    beforeEach(async () => {
      laboratory = await Laboratory.create({ wire, peer: true });
      await settleHost(laboratory);
    });

    afterEach(async () => {
      await laboratory?.close();
    });

    it("loses nothing while nothing happens", async () => {
      const meter = await FlowMeter.start(laboratory, plans(), INTERVAL_US);
      const flows = await untilFlows(meter, "half a second of traffic", (flow) => flow.sent >= ENOUGH_PACKETS);
      assert.deepEqual(
        flows.map(({ name, lost, duplicates, errors }) => ({ name, lost, duplicates, errors })),
        plans().map(({ name }) => ({ name, lost: 0, duplicates: 0, errors: {} })),
      );
    });

    it("loses packets while a cable is out, and none after it is back", async () => {
      const meter = await FlowMeter.start(laboratory, plans(), INTERVAL_US);
      const pulledNs = await laboratory.pull("eth0");
      const flows = await untilFlows(meter, "loss on every flow", (flow) => flow.lost > 0);
      for (const { name, lostRuns } of flows) {
        const lastedMs = millisecondsFrom(pulledNs, lostRuns[0]?.fromNs ?? 0);
        assert.ok(lastedMs > -5, `${name} lost packets ${-lastedMs} ms before the cable was pulled`);
      }
      await laboratory.plug("eth0");
      await waitFor(
        "a lossless window",
        async () => {
          await meter.mark();
          return untilFlows(meter, "a hundred packets", (flow) => flow.sent >= 100);
        },
        (windows) => windows.every((flow) => flow.lost === 0),
      );
    });

    it("keeps the link of a black hole up, and heals it", async () => {
      const meter = await FlowMeter.start(laboratory, plans(), INTERVAL_US);
      await laboratory.blackhole("eth0");
      await untilFlows(meter, "loss on every flow", (flow) => flow.lost > 0);
      const [link] = await laboratory.ipJson<{ flags: string[] }>("host", "link", "show", "eth0");
      assert.ok(link?.flags.includes("LOWER_UP"));
      await laboratory.heal("eth0");
      await meter.mark();
      await untilFlows(meter, "traffic on every flow", (flow) => flow.received > 0);
    });

    it("gives a card that comes back a new index and the old hardware address", async () => {
      const show = () => laboratory.ipJson<{ ifname: string; ifindex: number; address: string }>("host", "link");
      const find = async () => (await show()).find((link) => link.ifname === "eth1");
      const first = await find();
      await laboratory.removeNic("eth1");
      assert.equal(await find(), undefined);
      await laboratory.recreateNic("eth1");
      const second = await find();
      assert.equal(second?.address, first?.address);
      assert.notEqual(second?.ifindex, first?.ifindex);
    });

    it("pulls the cable of a card that was renamed", async () => {
      await laboratory.rename("eth2", "blue");
      await laboratory.pull("eth2");
      const look = () => laboratory.ipJson<{ flags: string[] }>("host", "link", "show", "blue");
      await waitFor("blue to lose its carrier", look, ([link]) => link?.flags.includes("NO-CARRIER") === true);
    });

    it("reaches the peer on the link", async () => {
      await laboratory.run("host", ["ping", "-c1", "-W2", ADDRESSES.peer[4]]);
      await laboratory.run("host", ["ping", "-c1", "-W2", ADDRESSES.peer[6]]);
    });

    it("leaves nothing when it closes", async () => {
      const child = laboratory.spawn("host", ["sleep", "1000"], { stdio: "ignore" });
      const meter = await FlowMeter.start(laboratory, plans(), INTERVAL_US);
      await laboratory.close();
      assert.equal(child.signalCode, "SIGTERM");
      await assert.rejects(meter.report(), { code: "LAB_TOOL_FAILED" });
      assert.deepEqual(readdirSync("/run/netns"), []);
      assert.equal(existsSync(laboratory.directory), false);
    });
  });
}

describe("link events of the laboratory", () => {
  let laboratory: Laboratory | undefined;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  afterEach(async () => {
    await laboratory?.close();
  });

  it("come late for taps within a second of another one, as for physical cards", async function () {
    const missing = wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
    laboratory = await Laboratory.create({ wire: "tap" });
    const untilTold = await listenForLoss(laboratory, "eth0");
    await laboratory.openLinkEventWindow();
    const pulledNs = await laboratory.pull("eth0");
    const { stdout } = await laboratory.run("host", ["cat", "/sys/class/net/eth0/carrier_down_count"]);
    assert.equal(stdout.trim(), "1", "the kernel itself knows at once");
    const delayMs = millisecondsFrom(pulledNs, await untilTold());
    assert.ok(delayMs > 300, `the notice came after ${delayMs} ms; a throttled one takes most of a second`);
  });

  it("come at once for veth", async () => {
    laboratory = await Laboratory.create({ wire: "veth" });
    const untilTold = await listenForLoss(laboratory, "eth0");
    const pulledNs = await laboratory.pull("eth0");
    const delayMs = millisecondsFrom(pulledNs, await untilTold());
    assert.ok(delayMs < 300, `the notice came after ${delayMs} ms`);
  });
});

describe("sandbox", () => {
  const SANDBOX = fileURLToPath(new URL("../../scripts/sandbox.sh", import.meta.url));
  const keeper = new ProcessKeeper();

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  /** Processes that have this word among their arguments. */
  function processesWith(word: string): string[] {
    return readdirSync("/proc").filter((entry) => {
      try {
        return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0").includes(word);
      } catch {
        return false; // it ended while we looked
      }
    });
  }

  it("takes everything with it when it is killed", async () => {
    const seconds = `1000.${process.pid}`;
    const words = [SANDBOX, "sh", "-c", 'setsid sleep "$1" & sleep "$1"', "-", seconds];
    const child = keeper.start(words, { stdio: "ignore" });
    const count = () => processesWith(seconds).length;
    // unshare, the first process, the shell, and two sleepers.
    await waitFor("the processes of the sandbox", count, (found) => found >= 5);
    child.kill("SIGKILL");
    await waitFor("all of them to be gone", count, (found) => found === 0);
  });
});
