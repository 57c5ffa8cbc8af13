/** ipmpstat as a process, against a real server. */
import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { ControlServer } from "../../../src/control/server.ts";
import { SOURCE, Workshop } from "../control/support.ts";
import { type Circumstances, runTool } from "./tool-process.ts";

const workshop = new Workshop();

async function daemon(): Promise<string> {
  const runtimeDir = await workshop.directory();
  const server = await ControlServer.start({ runtimeDir, source: SOURCE });
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
          "ipmpstat: warning: the route `192.0.2.0/24 dev eth1' leads traffic past group ipmp0; the log tells how to take it away\n",
      },
    );
  });

  it("shows data addresses although nobody knows their names", async () => {
    const { status, output } = await ipmpstat(await daemon(), ["-a", "-P", "-o", "state,inbound"]);
    assert.deepEqual([status, output], [0, "up:eth0\ndown:\n"]);
  });

  it("fails where there is no daemon", async () => {
    const errors = "ipmpstat: cannot contact in.mpathd(1M) -- is IPMP in use?\n";
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
