/** What is told of probes: single ones while somebody looks, statistics at any time, and `ipmpstat -p` and `-t`. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProbeEvent } from "../../src/control/client.ts";
import { misfit } from "../../src/control/schema.ts";
import { SCHEMAS } from "../../src/control/schemas.ts";
import type { LabDaemon } from "../support/daemon.ts";
import { ADDRESSES, Laboratory, monotonicNs } from "../support/laboratory.ts";
import { lost } from "../support/port-rules.ts";
import { probedConfiguration, startProbed, statisticsOf, TEST, untilLogged } from "../support/probed-group.ts";
import { ended } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const LIBRARY = new URL("../../dist/index.js", import.meta.url).href;
const IPMPSTAT = fileURLToPath(new URL("../../dist/cli/ipmpstat.js", import.meta.url));
const ROUTER = ADDRESSES.router[4];
const BOTH = ["eth0", "eth1"] as const;

describe("what is told of probes", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    daemon = await startProbed(laboratory, probedConfiguration({ targets: [ROUTER] }));
  });

  after(() => laboratory?.close());

  /** Follows until `enough` is true of all that were heard. */
  async function follow(enough: (heard: readonly ProbeEvent[]) => boolean): Promise<readonly ProbeEvent[]> {
    const stop = new AbortController();
    const heard: ProbeEvent[] = [];
    for await (const event of daemon.client.followProbes(stop.signal)) {
      assert.equal(misfit(SCHEMAS.ProbeEvent, event, "event", { exact: true }), undefined);
      heard.push(event);
      if (enough(heard)) stop.abort();
    }
    return heard;
  }

  it("has every probe of every interface, in the order of their numbers, with plausible times", async () => {
    const of = (heard: readonly ProbeEvent[], name: string) => heard.filter((event) => event.interface === name);
    const heard = await follow((all) => BOTH.every((name) => of(all, name).length >= 10));
    for (const name of BOTH) {
      const own = of(heard, name);
      const first = own[0]?.sequence ?? 0;
      assert.deepEqual(
        own.map(({ sequence, target, missed }) => [sequence, target, missed]),
        own.map((_, place) => [first + place, ROUTER, 0]),
      );
    }
    const fates = new Set(heard.map(({ kind, from }) => `${kind} ${from}`));
    // A machine that is busy with others keeps some from being sent at all.
    fates.delete("unsent null");
    assert.deepEqual([...fates], [`answered ${ROUTER}`]);
    for (const event of heard.filter(({ kind }) => kind === "answered")) {
      const { networkRoundTripMs, roundTripMs, meanMs, deviationMs, sentAt, sentAtMs } = event;
      assert.ok(networkRoundTripMs !== null && roundTripMs !== null && meanMs !== null && deviationMs !== null);
      assert.ok(0 < networkRoundTripMs && networkRoundTripMs <= roundTripMs, `${networkRoundTripMs}, ${roundTripMs}`);
      const agoMs = monotonicNs() / 1e6 - sentAtMs;
      assert.ok(agoMs > 0 && agoMs < 10_000, `sent ${agoMs} ms ago`);
      assert.ok(Math.abs(Date.now() - agoMs - Date.parse(sentAt)) < 100, sentAt);
    }
  });

  it("has those that are lost, too; they are counted, and nobody else suffers", async () => {
    const before = await statisticsOf(daemon, "eth1", ROUTER);
    await laboratory.filter("eth1", { in: [lost()] });
    const isLost = ({ kind }: ProbeEvent) => kind === "lost";
    const heard = await follow((all) => all.filter(isLost).length >= 5);
    await laboratory.unfilter("eth1");
    const [first] = heard.filter(isLost);
    assert.deepEqual([first?.interface, first?.from, first?.roundTripMs], ["eth1", null, null]);
    assert.deepEqual(new Set(heard.filter(isLost).map((event) => event.interface)), new Set(["eth1"]));
    const after = await waitFor(
      "the losses to be counted",
      () => statisticsOf(daemon, "eth1", ROUTER),
      (seen) => seen.lost >= before.lost + 5,
    );
    assert.ok(after.lossRate !== null && after.lossRate > 0);
    assert.equal((await statisticsOf(daemon, "eth0", ROUTER)).lost, 0);
    await daemon.until("all to be well again", ({ groups }) => groups[0]?.state === "ok");
  });

  it("counts per target, and everything agrees with everything", async () => {
    const report = await daemon.client.probes();
    assert.equal(misfit(SCHEMAS.Probes, report, "probes", { exact: true }), undefined);
    const { forged, wrongInterface, dropped } = report.prober;
    assert.deepEqual({ forged, wrongInterface, dropped }, { forged: 0, wrongInterface: 0, dropped: 0 });
    assert.deepEqual(
      report.targets.map(({ interface: name, source, target, method, kind, state }) =>
        [name, source, target, method, kind, state].join(" "),
      ),
      BOTH.map((name) => `${name} ${TEST[name]} ${ROUTER} echo configured active`),
    );
    for (const { sent, answered, lost: gone, minimumMs, meanMs, maximumMs } of report.targets) {
      assert.ok(sent >= answered + gone && answered > 10, `${sent} sent, ${answered} answered, ${gone} lost`);
      assert.ok(minimumMs !== null && meanMs !== null && maximumMs !== null);
      assert.ok(0 < minimumMs && minimumMs <= meanMs && meanMs <= maximumMs);
    }
    const grown = await waitFor(
      "the counters to grow",
      () => statisticsOf(daemon, "eth0", ROUTER),
      (seen) => seen.answered >= (report.targets[0]?.answered ?? 0) + 10,
    );
    assert.ok(grown.sent >= grown.answered);
  });

  it("shows live counters in the picture, though nothing changes", async () => {
    const answered = async () => (await daemon.snapshot()).interfaces.flatMap(({ probes }) => probes)[0]?.answered ?? 0;
    const before = await answered();
    await waitFor("the counters to grow", answered, (now) => now >= before + 10);
  });

  /** So many echo requests have reached the router. */
  async function echoes(): Promise<number> {
    const { stdout } = await laboratory.run("router", ["cat", "/proc/net/snmp"]);
    const [names = [], values = []] = stdout
      .split("\n")
      .filter((line) => line.startsWith("Icmp:"))
      .map((line) => line.split(" "));
    return Number(values[names.indexOf("InEchos")]);
  }

  /** How often the daemon's main thread was woken during 100 probes. */
  async function wakeUps(): Promise<number> {
    const status = `/proc/${daemon.pid}/task/${daemon.pid}/status`;
    const count = () => Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(status, "utf8"))?.[1]);
    const [before, sent] = [count(), await echoes()];
    await waitFor("100 probes", echoes, (now) => now >= sent + 100);
    return count() - before;
  }

  it("disturbs the main thread only while somebody looks", async () => {
    // A busy machine loses a probe now and then, and each loss is told at once; and it wakes a thread once for two that come together.
    const fewest = async () => Math.min(await wakeUps(), await wakeUps());
    const quiet = await fewest();
    const stop = new AbortController();
    let heard = 0;
    const reader = (async () => {
      for await (const _event of daemon.client.followProbes(stop.signal)) heard += 1;
    })();
    await waitFor(
      "the first probe",
      () => heard,
      (count) => count > 0,
    );
    const watched = await wakeUps();
    stop.abort();
    await reader;
    const afterwards = await fewest();
    assert.ok(quiet < 50 && afterwards < 50, `woken ${quiet} times before, ${afterwards} times afterwards`);
    assert.ok(watched >= 60, `woken ${watched} times for 100 probes`);
  });

  it("has a row for each in ipmpstat -p, until SIGINT", async () => {
    const words = ["env", `IPMP_RUNTIME_DIR=${daemon.runtimeDir}`, process.execPath, IPMPSTAT, "-pn"];
    const tool = laboratory.spawn("host", words, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    tool.stdout?.setEncoding("utf8").on("data", (part: string) => {
      output += part;
    });
    const rows = () => output.trimEnd().split("\n");
    await waitFor("30 rows", rows, (seen) => seen.length >= 32);
    tool.kill("SIGINT");
    assert.equal(await ended(tool), 0);
    const header = "TIME      INTERFACE   PROBE  NETRTT    RTT       RTTAVG    TARGET";
    assert.deepEqual([rows()[0], rows()[24]], [header, header]);
    const data = rows().filter((row) => row !== header);
    for (const row of data) {
      assert.match(row, /^\d+\.\d\ds +eth[01] {8}\d+ +\d+\.\d\dms +\d+\.\d\dms +\d+\.\d\dms +192\.0\.2\.1$/);
    }
    for (const name of BOTH) assert.ok(data.filter((row) => row.includes(name)).length > 10, output);
  });

  it("has whom each interface probes in ipmpstat -t", async () => {
    const { stdout } = await daemon.ipmpstat("-tn");
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "INTERFACE   MODE      TESTADDR            TARGETS",
      `eth1        routes    ${TEST.eth1}          ${ROUTER}`,
      `eth0        routes    ${TEST.eth0}          ${ROUTER}`,
    ]);
  });

  it("has a line in the log when the daemon itself stood still, which nobody is blamed for", async () => {
    process.kill(daemon.pid, "SIGSTOP");
    await waitFor(
      "it to stand still",
      () => readFileSync(`/proc/${daemon.pid}/stat`, "utf8").split(") ")[1]?.charAt(0),
      (state) => state === "T",
    );
    const since = monotonicNs();
    await waitFor(
      "twice the detection time",
      () => monotonicNs() - since,
      (standingNs) => standingNs > 600e6,
    );
    process.kill(daemon.pid, "SIGCONT");
    await untilLogged(daemon, /missed sending \d+ probes: .*no interface is blamed/);
    const { prober, targets } = await daemon.client.probes();
    assert.ok(prober.stalls > 0 && prober.longestStallMs > 500 && prober.unsent > 10, JSON.stringify(prober));
    for (const { unsent } of targets) assert.ok(unsent > 5);
    assert.equal((await daemon.snapshot()).groups[0]?.state, "ok");
  });

  it("says so in ipmpstat -p where nobody is probed any more", async () => {
    daemon.write(probedConfiguration({ interfaces: "{ eth0: , eth1: }" }));
    await daemon.client.reload();
    const { status, stdout, stderr } = await daemon.ipmpstat("-p");
    const said = "ipmpstat: probe-based failure detection is disabled\n";
    assert.deepEqual([status, stdout, stderr], [1, "", said]);
    assert.deepEqual((await daemon.client.probes()).targets, []);
  });

  it("is told to a program that embeds the daemon, while it listens", async () => {
    await daemon.stop();
    daemon.write(probedConfiguration({ targets: [ROUTER] }));
    const program = `
      import { Ipmp, loadConfig } from ${JSON.stringify(LIBRARY)};
      const ipmp = await Ipmp.start(await loadConfig(process.argv[2]), { stateDir: process.argv[3] });
      const heard = [];
      await new Promise((resolve) => {
        const listener = (probe) => heard.push(probe) === 10 && resolve(ipmp.off("probe", listener));
        ipmp.on("probe", listener);
      });
      const { targets } = await ipmp.probes();
      const [member] = (await ipmp.refresh()).interfaces;
      await ipmp.stop();
      console.log(JSON.stringify({ heard, targets, answered: member.probes[0].answered, prober: ipmp.proberStatus() }));`;
    const file = join(laboratory.directory, "embedder.mjs");
    writeFileSync(file, program);
    const words = [process.execPath, file, daemon.configFile, join(laboratory.directory, "embedded")];
    const { stdout } = await laboratory.run("host", words);
    const { heard, targets, answered, prober } = JSON.parse(stdout);
    for (const event of heard) assert.equal(misfit(SCHEMAS.ProbeEvent, event, "event", { exact: true }), undefined);
    assert.equal(heard.length, 10);
    assert.equal(misfit(SCHEMAS.Probes, { prober, targets }, "probes", { exact: true }), undefined);
    assert.equal(targets.length, 2);
    assert.ok(answered > 0);
  });
});
