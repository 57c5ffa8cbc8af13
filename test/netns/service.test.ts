/** The daemon as a service: signals, and what the service manager hears. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LabDaemon } from "../support/daemon.ts";
import { hostPicture, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, standardConfiguration, standardPicture } from "../support/standard-group.ts";
import { losers, Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

/** Node has no datagram unix sockets. */
const SERVICE_MANAGER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
while True: print(s.recv(4096).decode(), flush=True)
`;

const NOT_RUNNING = "\n(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";

describe("ipmpd as a service", () => {
  let laboratory: Laboratory;
  let managers = 0;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
  });

  after(() => laboratory?.close());

  /** Everything that the service manager is told, as it comes. */
  async function serviceManager(): Promise<{ socket: string; told: readonly string[] }> {
    const socket = join(laboratory.directory, `notify-${managers++}`);
    const words = ["python3", "-c", SERVICE_MANAGER, socket];
    const { stdout } = laboratory.spawn("host", words, { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(stdout);
    const lines: string[] = [];
    createInterface({ input: stdout }).on("line", (line) => lines.push(line));
    await waitFor(
      "the service manager",
      () => lines.shift(),
      (line) => line === "ready",
    );
    return { socket, told: lines };
  }

  it("tells when it is ready, alive and about to stop", async () => {
    const { socket, told } = await serviceManager();
    const environment = [`NOTIFY_SOCKET=${socket}`, "WATCHDOG_USEC=200000"];
    const daemon = await LabDaemon.start(laboratory, standardConfiguration(), { environment });
    await waitFor(
      "signs of life",
      () => told,
      (lines) => lines.includes("READY=1") && lines.filter((line) => line === "WATCHDOG=1").length >= 3,
    );
    assert.equal(await daemon.stop(), 0);
    await waitFor(
      "the farewell",
      () => told,
      (lines) => lines.includes("STOPPING=1"),
    );
  });

  it("tells of a reload, good or bad, and when it is over", async () => {
    const { socket, told } = await serviceManager();
    const daemon = await LabDaemon.start(laboratory, standardConfiguration(), {
      environment: [`NOTIFY_SOCKET=${socket}`],
    });
    // The service manager may hear of the start later than we do.
    await waitFor(
      "the end of the start",
      () => told,
      (lines) => lines.includes("READY=1"),
    );
    for (const text of [standardConfiguration({ failback: false }), "groups: nonsense"]) {
      const heard = told.length;
      daemon.write(text);
      daemon.hangUp();
      await waitFor(
        "the end of the reload",
        () => told.slice(heard),
        (lines) => lines.includes("READY=1"),
      );
      const [first, clock] = told.slice(heard);
      assert.equal(first, "RELOADING=1");
      const ageUs = Number(process.hrtime.bigint() / 1000n) - Number(clock?.replace("MONOTONIC_USEC=", ""));
      assert.ok(ageUs > 0 && ageUs < 60e6, `${clock} is ${ageUs} us old`);
    }
    await daemon.stop();
  });

  it("goes on when its service manager has gone", async () => {
    const socket = join(laboratory.directory, "nobody");
    const environment = [`NOTIFY_SOCKET=${socket}`, "WATCHDOG_USEC=200000"];
    const daemon = await LabDaemon.start(laboratory, standardConfiguration(), { environment });
    await waitFor(
      "its word about it",
      () => daemon.log(),
      (log) => log.includes("was not told READY=1") && log.includes("was not given a sign of life"),
    );
    assert.equal(await daemon.stop(), 0);
  });

  it("needs no more capabilities than docs/service.md gives it", async () => {
    const unit = readFileSync(new URL("../../docs/service.md", import.meta.url), "utf8");
    const names = /^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1]?.toLowerCase().replaceAll("cap_", "+").split(" ");
    assert.ok(names);
    const environment = ["setpriv", "--no-new-privs", "--bounding-set", ["-all", ...names].join()];
    const daemon = await LabDaemon.start(laboratory, standardConfiguration(), { environment });
    await untilHost(laboratory, standardPicture(AT_FIRST));
    assert.equal(await daemon.stop(), 0);
    const own = daemon
      .log()
      .split("\n")
      .filter((line) => line.includes(`ipmpd[${daemon.pid}]`));
    assert.deepEqual(
      own.filter((line) => / (error|warning) /.test(line) && !line.includes("Group interface ipmp0 is of kind")),
      [],
    );
  });

  it("leaves all in place at SIGTERM, and traffic does not notice", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await untilHost(laboratory, standardPicture(AT_FIRST));
    const before = await hostPicture(laboratory);
    const traffic = await Traffic.start(laboratory);
    const window = await traffic.through(async () => assert.equal(await daemon.stop(), 0));
    assert.deepEqual(losers(window), []);
    assert.deepEqual(await hostPicture(laboratory), before);
    assert.match(daemon.log(), /Stopping; addresses and routes stay as they are/);
  });

  it("has no socket when it has stopped", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await daemon.stop();
    const { status, stderr } = await daemon.ipmpstat("-g");
    assert.deepEqual(
      [status, stderr],
      [1, `ipmpstat: cannot contact in.mpathd(1M) -- is IPMP in use?${NOT_RUNNING}\n`],
    );
  });

  it("is found by its name, and reads its file again when that name is sent a SIGHUP", async () => {
    const daemon = await LabDaemon.start(laboratory, standardConfiguration());
    assert.deepEqual((await laboratory.run("host", ["pgrep", "-x", "ipmpd"])).stdout.split("\n")[0], `${daemon.pid}`);
    assert.equal((await laboratory.run("host", ["pidof", "ipmpd"])).stdout.trim(), `${daemon.pid}`);
    await laboratory.run("host", ["pkill", "-HUP", "-x", "ipmpd"]);
    await waitFor(
      "the reload",
      () => daemon.log(),
      (text) => text.includes("is in force: nothing has changed"),
    );
    assert.equal(await daemon.stop(), 0);
  });
});
