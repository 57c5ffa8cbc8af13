import assert from "node:assert/strict";
import { ControlError } from "../../../src/control/client.ts";
import { compareGolden, run, transcript } from "./golden.ts";
import { STATES } from "./states.ts";

const ALL_WELL = STATES["all-well"] ?? assert.fail();
const NO_GROUPS = STATES["no-groups"] ?? assert.fail();

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
  "-p -o bogus",
  "-P -p",
  "-g --json -P",
  "--json -g",
  "--json -i -o interface,state",
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
    const errors = "ipmpstat: cannot contact in.mpathd(1M) -- is IPMP in use?\n";
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

  it("shows nothing, not even a header, where there are no groups", async () => {
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
});
