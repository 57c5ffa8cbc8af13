import assert from "node:assert/strict";
import { parseCommandLine } from "../../../src/cli/ipmpstat-options.ts";
import { ControlError } from "../../../src/control/client.ts";
import type { ProbeEvent } from "../../../src/control/probes.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { compareGolden, run, transcript } from "./golden.ts";
import { answered, lost } from "./probes.ts";
import { STATES } from "./states.ts";

const NOT_RUNNING = "\n(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";

const ALL_WELL = state("all-well");
const NO_GROUPS = state("no-groups");

const EVERY_MODE = [
  "-g",
  "-i",
  "-an",
  "-tn",
  "-P -o group,groupname,state,fdt,interfaces -g",
  "-P -o interface,active,group,flags,link,probe,state -i",
  "-P -o address,state,group,inbound,outbound -an",
  "-P -o interface,mode,testaddr,targets -tn",
];

const PROBE_LINES = [
  "-pn",
  "-pn -o all",
  "-p -o target,time",
  "-P -pn -o time,interface,probe,netrtt,rtt,rttavg,target,rttdev",
  "-P -pn -o target",
  "-pn --json",
  "-pn --json -o probe,rtt",
];

const COMMAND_LINES = [
  "",
  "-g -i",
  "-g -g",
  "-gi",
  "-gx",
  "-g --colour",
  "-g extra",
  "-g -o",
  "-P -g",
  "-P -o all -g",
  "-P -o all",
  "-g -o group,bogus",
  "-g -o group,bogus,worse",
  "-g -o bogus",
  "-g -o bogus -P",
  "-P -g -o group,bogus",
  "-P -g -o group,bogus,worse",
  "-g -o group,group,group,group,group,group",
  "-g -o State,GROUP",
  "-gostate",
  "-Pgogroup",
  "-gL -o group",
  "-g -- extra",
  "-g --",
  "-an -o ALL",
  "-p",
  "-pn -o all",
  "-t",
  "-t -o targets,Interface",
  "-t -o interface,rtt",
  "-P -t -o targets",
  "-p -o bogus",
  "-P -p",
  "-g --json -P",
  "--json -g",
  "--json -i -o interface,state",
  "--json -an",
  "--json -a -n -o outbound,inbound",
  "--json -t",
  "-g -o state -o group",
  "-g --version",
  "-gh",
  "--version",
];

describe("ipmpstat", () => {
  for (const [name, picture] of Object.entries(STATES)) {
    it(`shows ${name} as in the transcript`, async () => {
      const parts: string[] = [];
      for (const line of EVERY_MODE) parts.push(await transcript(line, picture));
      compareGolden(name, parts.join(""));
    });
  }

  it("answers every command line as in the transcript", async () => {
    const parts: string[] = [];
    for (const line of COMMAND_LINES) parts.push(await transcript(line, ALL_WELL));
    compareGolden("command-lines", parts.join(""));
  });

  it("answers --help as in the transcript", async () => {
    compareGolden("help", await transcript("--help", ALL_WELL));
  });

  it("says so, in the words of old, when there is no daemon", async () => {
    const outcome = await run(["-g"], new ControlError("NO_DAEMON", "nobody there"));
    const errors = `ipmpstat: cannot contact in.mpathd(1M) -- is IPMP in use?${NOT_RUNNING}\n`;
    assert.deepEqual(outcome, { status: 1, output: "", errors });
  });

  it("names the reason when the daemon's answer is of no use", async () => {
    const outcome = await run(["-g"], new ControlError("PROTOCOL", "half an answer"));
    const errors = "ipmpstat: cannot snapshot IPMP state: half an answer\n";
    assert.deepEqual(outcome, { status: 1, output: "", errors });
  });

  it("judges options before fields, and fields before it asks the daemon", async () => {
    const gone = new ControlError("NO_DAEMON", "nobody there");
    assert.match((await run(["-g", "-i", "-P"], gone)).errors, /only one output format/);
    assert.match((await run(["-g", "-P"], gone)).errors, /output fields must be specified/);
    assert.match((await run(["-g", "-o", "bogus"], gone)).errors, /no valid output fields/);
    assert.match((await run(["-p"], gone)).errors, /cannot contact/);
  });

  it("T170: shows nothing, not even a header, where there are no groups", async () => {
    assert.deepEqual(await run(["-g"], NO_GROUPS), { status: 0, output: "", errors: "" });
    assert.equal((await run(["-g", "--json"], NO_GROUPS)).output, "[]\n");
  });

  it("repeats the header for each screenful of a window that changes its height", async () => {
    const heights = [4, 4, 4, 4, 6];
    const picture = STATES["thirty-interfaces"] ?? assert.fail();
    const { output } = await run(["-i"], picture, { screenRows: () => heights.shift() ?? 6 });
    const headers = output.split("\n").flatMap((line, index) => (line.startsWith("INTERFACE") ? [index] : []));
    assert.deepEqual(headers.slice(0, 4), [0, 4, 10, 16]);
  });

  it("asks for host names only where they are shown, and shows the address where there is none", async () => {
    const asked: (readonly string[])[] = [];
    const hostNames = async (addresses: readonly string[]) => {
      asked.push(addresses);
      return new Map([["192.0.2.11", "www"]]);
    };
    for (const words of [["-g"], ["-i"], ["-t"], ["-an"], ["-a", "-o", "state"]])
      await run(words, ALL_WELL, { hostNames });
    assert.deepEqual(asked, []);
    const { output } = await run(["-a", "-o", "address", "-P"], ALL_WELL, { hostNames });
    assert.equal(output, "www\n192.0.2.10\n");
  });

  it("shows targets and test addresses by name, unless -n forbids it", async () => {
    const hostNames = async (addresses: readonly string[]) =>
      new Map(addresses.map((one, index) => [one, `h${index}`]));
    const words = ["-t", "-P", "-o", "interface,testaddr,targets"];
    const named = await run(words, state("probes-lost"), { hostNames });
    assert.equal(named.output, "eth1:h0:h1\neth0:h2:h1\n");
    const numeric = await run([...words, "-n"], state("probes-lost"), { hostNames });
    assert.equal(numeric.output, "eth1:192.0.2.21:192.0.2.1\neth0:192.0.2.20:192.0.2.1\n");
  });

  it("shows probes as in the transcript: those that were answered or lost", async () => {
    const parts: string[] = [];
    for (const line of PROBE_LINES) parts.push(await transcript(line, state("probed-all-well")));
    compareGolden("probes", parts.join(""));
  });

  it("says so where nobody is probed", async () => {
    const errors = "ipmpstat: probe-based failure detection is disabled\n";
    assert.deepEqual(await run(["-p"], ALL_WELL), { status: 1, output: "", errors });
    assert.deepEqual(await run(["-p"], NO_GROUPS), { status: 1, output: "", errors });
  });

  it("writes each row as it comes, and a header for each screenful", async () => {
    const written: string[] = [];
    const wholes: number[] = [];
    async function* probes(): AsyncGenerator<ProbeEvent> {
      for (let sequence = 1; sequence <= 30; sequence++) {
        yield lost(sequence, { sequence });
        wholes.push(written.length);
      }
    }
    const world = { probes, write: (text: string) => written.push(text) };
    const { status } = await run(["-pn"], state("probed-all-well"), world);
    assert.equal(status, 0);
    assert.deepEqual([wholes[0], wholes[22], wholes[23], wholes[29]], [2, 24, 26, 32]);
    assert.deepEqual(
      written.flatMap((line, index) => (line.startsWith("TIME") ? [index] : [])),
      [0, 24],
    );
  });

  it("names targets of probes; one that appears later as soon as its name is found", async () => {
    const asked: (readonly string[])[] = [];
    const hostNames = async (addresses: readonly string[]) => {
      asked.push(addresses);
      return new Map(addresses.map((address) => [address, `host-${address.at(-1)}`]));
    };
    async function* probes(): AsyncGenerator<ProbeEvent> {
      for (const target of ["192.0.2.1", "192.0.2.9"]) yield answered(0, { target });
      await new Promise(setImmediate);
      yield answered(0, { target: "192.0.2.9" });
    }
    const words = ["-p", "-P", "-o", "target"];
    const { output } = await run(words, state("probes-lost"), { hostNames, probes });
    assert.equal(output, "host-1\n192.0.2.9\nhost-9\n");
    assert.deepEqual(asked, [["192.0.2.1"], ["192.0.2.9"]]);
    asked.length = 0;
    await run([...words, "-n"], state("probes-lost"), { hostNames });
    await run(["-p", "-o", "time"], state("probes-lost"), { hostNames });
    assert.deepEqual(asked, []);
  });

  it("says why it shows no more probes", async () => {
    async function* probes(): AsyncGenerator<ProbeEvent> {
      yield lost(0);
      throw new ControlError("PROTOCOL", "The daemon has ended the stream");
    }
    const { status, output, errors } = await run(["-pn", "-o", "probe"], state("probes-lost"), { probes });
    const said = "ipmpstat: cannot follow probes: The daemon has ended the stream\n";
    assert.deepEqual({ status, output, errors }, { status: 1, output: "PROBE\n1\n", errors: said });
  });

  it("warns people, not scripts, of routes that lead traffic past a group", async () => {
    const warning =
      "ipmpstat: warning: the route `default via 192.0.2.1 dev eth0' leads traffic past group ipmp0; " +
      "the log tells how to take it away\n";
    const { status, errors } = await run(["-g"], state("bypassed"));
    assert.deepEqual({ status, errors }, { status: 0, errors: warning });
    assert.equal((await run(["-g", "-P", "-o", "group"], state("bypassed"))).errors, "");
    assert.equal((await run(["-i"], state("bypassed"))).errors, "");
  });
});

function state(name: string): Snapshot {
  return STATES[name] ?? assert.fail(`there is no picture ${name}`);
}

/** Lines of standard output, without blanks at their end. */
async function lines(line: string, picture: Snapshot): Promise<string[]> {
  const { status, output } = await run(line.split(" "), picture);
  assert.equal(status, 0);
  return output.trimEnd().split("\n");
}

async function refusal(line: string): Promise<string> {
  const { status, output, errors } = await run(line.split(" "), ALL_WELL);
  assert.deepEqual({ status, output }, { status: 1, output: "" });
  return errors;
}

function columnsOf(line: string): string[] {
  const order = parseCommandLine(line.split(" "));
  return order.kind === "show" ? order.columns.map(({ name }) => name) : assert.fail(order.kind);
}

describe("ipmpstat, numbered cases", () => {
  const oneLongAddress = state("long-address");

  it("T154: refuses two modes, even the same one twice", async () => {
    for (const line of ["-g -i", "-g -g", "-gg"])
      assert.equal(await refusal(line), "ipmpstat: only one output format may be specified\n");
  });

  it("T155: refuses -P without -o", async () => {
    assert.equal(await refusal("-P -g"), "ipmpstat: output fields must be specified in parsable mode\n");
  });

  it("T156: refuses -P with all fields", async () => {
    assert.equal(await refusal("-P -o all -g"), "ipmpstat: output field `all' invalid in parsable mode\n");
  });

  it("T157: warns of an unknown field, and shows the known one", async () => {
    const { status, output, errors } = await run(["-g", "-o", "group,bogus"], ALL_WELL);
    assert.deepEqual({ status, output }, { status: 0, output: "GROUP\nipmp0\n" });
    assert.equal(errors, "ipmpstat: warning: ignoring unknown output field: `bogus'\n");
  });

  it("T159: escapes the colons of an address among several fields", async () => {
    assert.equal(
      (await lines("-P -o address,group -an", oneLongAddress))[1],
      "2001\\:db8\\:1\\:2\\:3\\:4\\:5\\:6:ipmp0",
    );
  });

  it("T160: escapes nothing in a single field", async () => {
    assert.equal((await lines("-P -o address -an", oneLongAddress))[1], "2001:db8:1:2:3:4:5:6");
  });

  it("T161: shows a long address whole, and aligns the columns behind it", async () => {
    const [head = "", long = ""] = await lines("-an", oneLongAddress);
    assert.ok(long.startsWith("2001:db8:1111:2222:3333:4444:5555:10 up ipmp0 "), long);
    assert.equal(long.indexOf("eth1 eth0"), head.indexOf("OUTBOUND"));
  });

  it("T162: repeats the header after 23 rows of a pipe", async () => {
    const all = await lines("-i", state("thirty-interfaces"));
    assert.equal(all.length, 32);
    assert.deepEqual(
      [all[0], all[24]].map((line) => line?.split(" ")[0]),
      ["INTERFACE", "INTERFACE"],
    );
  });

  it("T164: has seven fields of probes by default, and eight with all", () => {
    const seven = ["TIME", "INTERFACE", "PROBE", "NETRTT", "RTT", "RTTAVG", "TARGET"];
    assert.deepEqual(columnsOf("-p"), seven);
    assert.deepEqual(columnsOf("-p -o all"), [...seven, "RTTDEV"]);
  });

  it("T165, T166: shows a failure by the link, and no probe as failed for it", async () => {
    const words = "-P -o interface,link,probe,state -i";
    assert.deepEqual(await lines(words, state("all-failed")), [
      "eth1:down:disabled:failed",
      "eth0:down:disabled:failed",
    ]);
    assert.equal((await lines(words, state("probed-link-failed")))[1], "eth0:down:unknown:failed");
    assert.equal((await lines(words, state("probes-lost")))[1], "eth0:up:failed:failed");
  });

  it("T167: has a row for each family that is probed, and one where none is", async () => {
    assert.deepEqual(await lines("-P -o interface,mode,testaddr -tn", state("probed-all-well")), [
      "eth2:routes:fe80\\:\\:22",
      "eth1:routes:192.0.2.21",
      "eth0:routes:192.0.2.20",
      "eth0:routes:fe80\\:\\:20",
    ]);
    assert.equal((await lines("-P -o interface,mode,testaddr -tn", ALL_WELL))[0], "eth2:disabled:");
  });

  it("T169: shows a raised failure detection time in seconds", async () => {
    assert.equal((await lines("-P -o fdt -g", state("probed-and-anonymous")))[1], "21.00s");
  });
});
