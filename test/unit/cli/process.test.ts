/** ipmpstat as a process, against a real server. */
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import type { ControlSource } from "../../../src/control/routes.ts";
import { Doors } from "../control/doors.ts";
import { PROBE, SOURCE, Workshop } from "../control/support.ts";
import { type Circumstances, runTool, startTool } from "./tool-process.ts";

const NOT_RUNNING = "\n(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";

const workshop = new Workshop();

async function daemon(): Promise<string> {
  const runtimeDir = await workshop.directory();
  const server = await Doors.start({ runtimeDir, source: SOURCE });
  workshop.later(() => server.close());
  return runtimeDir;
}

const ipmpstat = (runtimeDir: string, words: readonly string[], stdout?: Circumstances["stdout"]) =>
  runTool("ipmpstat", words, { runtimeDir, ...(stdout === undefined ? {} : { stdout }) });

describe("the ipmpstat process", () => {
  afterEach(() => workshop.clean());

  it("shows what the daemon answers", async () => {
    const { status, output, errors } = await ipmpstat(await daemon(), ["-g"]);
    const header = "GROUP       GROUPNAME   STATE     FDT       INTERFACES\n";
    assert.deepEqual(
      { status, output, errors },
      {
        status: 0,
        output: `${header}ipmp0       ipmp0       degraded  12.00s    eth0 [eth1]\n`,
        errors:
          "ipmpstat: warning: group ipmp0: eth1 can not carry IPv6: its MTU is 1200, and IPv6 needs 1280\n" +
          "ipmpstat: warning: the route `192.0.2.0/24 dev eth1' leads traffic past group ipmp0; the log tells how to take it away\n",
      },
    );
  });

  it("shows data addresses although nobody knows their names", async () => {
    const { status, output } = await ipmpstat(await daemon(), ["-a", "-P", "-o", "state,inbound"]);
    assert.deepEqual([status, output], [0, "up:eth0\ndown:\n"]);
  });

  it("fails where there is no daemon", async () => {
    const errors = `ipmpstat: cannot contact in.mpathd(1M) -- is IPMP in use?${NOT_RUNNING}\n`;
    assert.deepEqual(await ipmpstat("/nonexistent", ["-g"]), { status: 1, output: "", errors });
  });

  it("is quiet when nobody reads on, and not when the output is lost", async () => {
    const runtimeDir = await daemon();
    assert.deepEqual(await ipmpstat(runtimeDir, ["-i"], "hung up"), { status: 0, output: "", errors: "" });
    const device = openSync("/dev/full", "w");
    workshop.later(() => closeSync(device));
    const full = await ipmpstat(runtimeDir, ["-i"], device);
    assert.equal(full.status, 1);
    assert.match(full.errors, /^ipmpstat: cannot write: ENOSPC/);
  });

  it("tells its version", async () => {
    assert.match((await ipmpstat("/nonexistent", ["--version"])).output, /^ipmpstat \d+\.\d+\.\d+\n$/);
  });
});

describe("the ipmpstat process that shows probes", () => {
  afterEach(() => workshop.clean());

  /** A daemon that tells of a probe as soon as somebody follows, and then of nothing. */
  async function telling(): Promise<string> {
    const runtimeDir = await workshop.directory();
    const followProbes: ControlSource["followProbes"] = (listener) => {
      const sentAtMs = Number(process.hrtime.bigint()) / 1e6;
      setImmediate(() => listener({ ...PROBE, sentAtMs }));
      return () => undefined;
    };
    const server = await Doors.start({ runtimeDir, source: { ...SOURCE, followProbes } });
    workshop.later(() => server.close());
    return runtimeDir;
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends well by ${signal}, with its times since its own start`, async () => {
      const { child, outcome } = startTool("ipmpstat", ["-pn"], { runtimeDir: await telling() });
      child.stdout?.once("data", () => child.kill(signal));
      const { status, output, errors } = await outcome;
      assert.deepEqual([status, errors], [0, ""]);
      const [header, row = "", ...rest] = output.trimEnd().split("\n");
      assert.equal(header, "TIME      INTERFACE   PROBE  NETRTT    RTT       RTTAVG    TARGET");
      assert.match(row, /^\d+\.\d\ds +eth0 {8}589 {4}0\.51ms {4}0\.76ms {4}0\.76ms {4}192\.0\.2\.1$/);
      assert.deepEqual(rest, []);
    });
  }

  it("ends quietly when nobody reads on, and with a word when the daemon goes", async () => {
    const quiet = await ipmpstat(await telling(), ["-pn"], "hung up");
    assert.deepEqual(quiet, { status: 0, output: "", errors: "" });
    const runtimeDir = await workshop.directory();
    const server = await Doors.start({ runtimeDir, source: { ...SOURCE, followProbes } });
    function followProbes() {
      setImmediate(() => server.close());
      return () => undefined;
    }
    const errors = "ipmpstat: cannot follow probes: The daemon has ended the stream\n";
    assert.deepEqual(await ipmpstat(runtimeDir, ["-pn"]), { status: 1, output: "", errors });
  });
});
