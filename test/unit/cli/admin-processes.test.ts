/** if_mpadm, ipmpadm and the words of ipmpd as processes, the first two against a real server. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlSource } from "../../../src/control/routes.ts";
import { Doors } from "../control/doors.ts";
import { SOURCE, Workshop } from "../control/support.ts";
import { runTool } from "./tool-process.ts";

const NOT_RUNNING = "\n(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";

const workshop = new Workshop();

const GOOD = "groups: { g: { interfaces: { eth0: , eth1: }, addresses: [192.0.2.10/24] } }\n";

async function daemon(source: Partial<ControlSource>): Promise<string> {
  const runtimeDir = await workshop.directory();
  const server = await Doors.start({ runtimeDir, source: { ...SOURCE, ...source } });
  workshop.later(() => server.close());
  return runtimeDir;
}

async function file(text: string): Promise<string> {
  const path = join(await workshop.directory(), "ipmp.yaml");
  writeFileSync(path, text);
  return path;
}

describe("the tools of administrators, as processes", () => {
  afterEach(() => workshop.clean());

  it("if_mpadm asks the daemon, and finds the kernel's own interfaces", async () => {
    const asked: unknown[][] = [];
    const runtimeDir = await daemon({ request: async (...words) => void asked.push(words) });
    const fatal = (text: string) => ({ status: 1, output: "", errors: `if_mpadm: fatal: ${text}\n` });
    assert.deepEqual(await runTool("if_mpadm", ["-d", "eth0"], { runtimeDir }), { status: 0, output: "", errors: "" });
    assert.deepEqual(asked, [["offline", "eth0", 1]]);
    const untracked = fatal("cannot offline lo: not a physical interface or not in an IPMP group");
    assert.deepEqual(await runTool("if_mpadm", ["-d", "lo"], { runtimeDir }), untracked);
    const unknown = fatal("cannot get interface flags on no-such-link: no such interface");
    assert.deepEqual(await runTool("if_mpadm", ["-r", "no-such-link"], { runtimeDir }), unknown);
    assert.deepEqual(
      await runTool("if_mpadm", ["-d", "lo"]),
      fatal(`cannot offline lo: cannot contact in.mpathd${NOT_RUNNING}`),
    );
  });

  it("if_mpadm tells the daemon's refusal", async () => {
    const runtimeDir = await daemon({ request: async () => "minimum-redundancy" });
    const errors = "if_mpadm: fatal: cannot offline eth0: no other functioning interfaces are in its IPMP group\n";
    assert.deepEqual(await runTool("if_mpadm", ["-d", "eth0"], { runtimeDir }), { status: 1, output: "", errors });
  });

  it("ipmpadm reloads, and checks files without a daemon", async () => {
    const problems = ["ipmp.yaml:1:1: wrong"];
    const runtimeDir = await daemon({ reload: async () => ({ ok: false, code: "BAD_CONFIGURATION", problems }) });
    const { status, errors } = await runTool("ipmpadm", ["reload"], { runtimeDir });
    assert.deepEqual([status, errors.split("\n", 1)], [2, problems]);
    const path = await file(GOOD);
    const { output } = await runTool("ipmpadm", ["check", path]);
    assert.match(output, /^\S+ is good: 1 group, 2 interfaces, 1 data address\n {2}g: /);
  });

  it("ipmpd says that a file is good, with the defaults of /etc/default/mpathd or another file", async () => {
    const path = await file(GOOD);
    const mpathd = join(path, "..", "mpathd");
    writeFileSync(mpathd, "FAILURE_DETECTION_TIME=0\n");
    const { status, output, errors } = await runTool("ipmpd", ["--check", "--config", path, "--mpathd-file", mpathd]);
    assert.deepEqual([status, output], [0, `${path} is good: 1 group, 2 interfaces, 1 data address\n`]);
    assert.equal(errors, `${mpathd}:1: Invalid failure detection time 0, assuming default of 10000 ms\n`);
  });

  it("ipmpd refuses words that exclude each other, and does nothing", async () => {
    const cases: [string[], string][] = [
      [["--check", "--release"], "--check and --release exclude each other: give one of them"],
      [["--release", "--check", "--config", "f"], "--release and --check exclude each other: give one of them"],
      [["--release", "--version"], "--release and --version exclude each other: give one of them"],
      [["--release", "--release"], "--release is given twice: give it once"],
      [
        ["--release", "--config", "f"],
        "--config does not go with --release: it takes everything of ours away, whatever a file says",
      ],
      [["--check", "--dry-run"], "--dry-run does not go with --check"],
      [["--dry-run"], "--dry-run stands only beside --release"],
      [["--config", "f", "--config", "g"], "--config is given twice: give it once"],
      [["--version", "--log-level", "info"], "--log-level does not go with --version"],
      [["-a"], "Unknown option '-a'"],
    ];
    for (const [words, text] of cases) {
      const { status, output, errors } = await runTool("ipmpd", words);
      assert.deepEqual([status, output, errors], [2, "", `ipmpd: ${text}\nTry \`ipmpd --help\`.\n`], words.join(" "));
    }
  });

  it("ipmpd gives help to whoever asks for it, in whatever company", async () => {
    for (const words of [["-h"], ["--help"], ["--check", "--release", "-h"]]) {
      const { status, output, errors } = await runTool("ipmpd", words);
      assert.deepEqual([status, errors], [0, ""]);
      assert.match(output, /^usage: ipmpd /);
    }
  });

  it("ipmpd takes no empty paths", async () => {
    for (const option of ["--config", "--mpathd-file", "--runtime-dir", "--state-dir"]) {
      const { status, output, errors } = await runTool("ipmpd", ["--check", `${option}=`]);
      const text = `ipmpd: ${option} needs a path, and got none\nTry \`ipmpd --help\`.\n`;
      assert.deepEqual([status, output, errors], [2, "", text]);
    }
  });
});
