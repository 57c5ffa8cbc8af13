import assert from "node:assert/strict";
import { ipmpadm } from "../../../src/cli/ipmpadm-command.ts";
import { ConfigurationError, parseConfiguration, parseMpathdDefaults } from "../../../src/config/index.ts";
import { ControlError } from "../../../src/control/client.ts";

const GOOD = `groups:
  web:
    interfaces: { eth0: { test-address: 192.0.2.5/24 }, eth1: { test-address: 192.0.2.6/24, standby: true } }
    addresses: [192.0.2.10/24]
    routes: [{ to: default, via: 192.0.2.1 }]
    targets: [192.0.2.1, 192.0.2.2]
    failure-detection-time: 2500ms
  db:
    interfaces: { eth2: , eth3: }
    addresses: [198.51.100.10/24, 198.51.100.11/24]
`;
const BAD = GOOD.replace("addresses:", "adresses:").replace("2500ms", "2500");
const TRY = "Try `ipmpadm --help`.\n";

interface World {
  /** Text of every file, or why none can be read. */
  readonly text?: string | ConfigurationError;
  readonly mpathd?: string;
  /** Warnings of the daemon, or its refusal. */
  readonly daemon?: readonly string[] | ControlError;
}

async function run(words: readonly string[], { text = GOOD, mpathd = "", daemon = [] }: World = {}) {
  const said = { output: "", errors: "" };
  const loaded: string[] = [];
  const status = await ipmpadm(words, {
    reload: async () => {
      if (daemon instanceof ControlError) throw daemon;
      return daemon;
    },
    load: async (file, mpathdFile) => {
      loaded.push(file, mpathdFile);
      if (text instanceof ConfigurationError) throw text;
      return parseConfiguration(text, file, parseMpathdDefaults(mpathd, mpathdFile));
    },
    version: () => "1.2.3",
    write: (chunk) => {
      said.output += chunk;
    },
    complain: (chunk) => {
      said.errors += chunk;
    },
  });
  return { status, ...said, loaded };
}

const refused = (code: string, detail: string) =>
  new ControlError("REFUSED", "The daemon refused", { refusal: { code, message: "Nothing has changed.", detail } });

describe("ipmpadm", () => {
  it("refuses wrong words, with the nearest right one", async () => {
    const cases: [string[], string][] = [
      [[], "needs a subcommand: check or reload"],
      [["relaod"], 'unknown subcommand "relaod"; did you mean "reload"?'],
      [["frobnicate"], 'unknown subcommand "frobnicate"; known are check, reload'],
      [["constructor"], 'unknown subcommand "constructor"; known are check, reload'],
      [["--colour", "check"], "Unknown option '--colour'"],
      [["--\u001b[31mx", "check"], "Unknown option '--\\u{1b}[31mx'"],
      [["\u001b[31mx"], 'unknown subcommand "\\u{1b}[31mx"; known are check, reload'],
      [["check", "a", "b"], 'too many words: check [--mpathd-file FILE] [FILE] does not take "b"'],
      [["check", "reload"], '"reload" is a subcommand, and one at a time is taken; a file of that name is ./reload'],
      [["reload", "check"], '"check" is a subcommand, and one at a time is taken; a file of that name is ./check'],
      [["reload", "now"], 'too many words: reload does not take "now"'],
      [["reload", "--mpathd-file", "f"], "reload does not take --mpathd-file"],
      [["check", "--json", "--json"], "--json is given twice: give it once"],
      [["check", "--mpathd-file", "a", "--mpathd-file=b"], "--mpathd-file is given twice: give it once"],
      [["--version", "check"], "--version and check exclude each other: give one of them"],
      [["--version", "--json"], "--json does not go with --version"],
      [["check", ""], "check needs the path of a file, and got an empty one"],
      [["check", "--mpathd-file="], "check needs the path of a file, and got an empty one"],
    ];
    for (const [words, text] of cases) {
      const outcome = await run(words);
      assert.deepEqual(outcome, { status: 2, output: "", errors: `ipmpadm: ${text}\n${TRY}`, loaded: [] });
    }
  });

  it("tells its version, and names in its help exactly what there is", async () => {
    assert.equal((await run(["--version"])).output, "ipmpadm 1.2.3\n");
    const { status, output } = await run(["reload", "--help"]);
    assert.equal(status, 0);
    const named = [...output.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name);
    assert.deepEqual(named, ["check", "reload"]);
    for (const name of named) assert.doesNotMatch((await run([name ?? "", "--mpathd-file", ""])).errors, /unknown/);
  });

  it("does not hide faults of its own", async () => {
    await assert.rejects(run(["check"], { text: 7 as unknown as string }), TypeError);
  });
});

describe("ipmpadm check", () => {
  it("says that a file is good, and what it holds", async () => {
    const output = [
      "f.yaml is good: 2 groups, 4 interfaces, 3 data addresses",
      "  web: 2 interfaces (1 standby), 1 data address, 1 route, 2 targets, test addresses on 2 interfaces",
      "  db: 2 interfaces, 2 data addresses, judged by links only",
      "",
    ].join("\n");
    const loaded = ["f.yaml", "/etc/default/mpathd"];
    assert.deepEqual(await run(["check", "f.yaml"]), { status: 0, output, errors: "", loaded });
  });

  it("says how the interfaces of each group are judged", async () => {
    const text = [
      "groups:",
      "  some: { interfaces: { eth0: { test-address: 192.0.2.20/24 }, eth1: }, addresses: [192.0.2.10/24] }",
      "  none: { interfaces: { eth2: , eth3: }, addresses: [198.51.100.10/24], transitive-probing: true }",
      "  both: { interfaces: { eth4: { test-address: 203.0.113.20/24 }, eth5: , eth6: }, transitive-probing: true }",
      "",
    ].join("\n");
    const { output } = await run(["check", "f.yaml"], { text });
    assert.deepEqual(
      output
        .split("\n")
        .slice(1, -1)
        .map((line) => line.replace(/^.*?(?=test|probed|judged)/, "")),
      [
        "test addresses on 1 interface, the others judged by links only",
        "probed without test addresses",
        "test addresses on 1 interface, the others probed without test addresses",
      ],
    );
  });

  it("reads what ipmpd would read, unless told otherwise", async () => {
    assert.deepEqual((await run(["check"])).loaded, ["/etc/ipmp/ipmp.yaml", "/etc/default/mpathd"]);
    assert.deepEqual((await run(["check", "--mpathd-file", "m", "f"])).loaded, ["f", "m"]);
  });

  it("names every problem with its place, and ends with 2", async () => {
    const { status, output, errors } = await run(["check", "f.yaml"], { text: BAD });
    assert.deepEqual([status, output], [2, ""]);
    assert.match(errors, /^f\.yaml:4:5: .*adresses.*addresses/m);
    assert.match(errors, /^f\.yaml:7:29: .*2500/m);
  });

  it("shows what is probably not meant, and is content", async () => {
    const text = "groups:\n  g:\n    interfaces: { eth0: }\n    addresses: [192.0.2.10/24]\n";
    const { status, errors } = await run(["check", "f.yaml"], { text, mpathd: "FAILURE_DETECTION_TIME=50\n" });
    assert.equal(status, 0);
    assert.match(errors, /^\/etc\/default\/mpathd:1: Too small failure detection time of 50, assuming minimum of 100/m);
    assert.match(errors, /^f\.yaml:2:3: .*\(warning\)$/m);
  });

  it("tells programs the same", async () => {
    const good = JSON.parse((await run(["check", "--json", "f.yaml"])).output);
    assert.deepEqual([good.file, good.good, good.problems, good.complaints], ["f.yaml", true, [], []]);
    assert.equal(good.configuration.groups[0].name, "web");
    const { status, output, errors } = await run(["--json", "check", "f.yaml"], { text: BAD });
    const bad = JSON.parse(output);
    assert.deepEqual([status, errors, bad.good, bad.configuration], [2, "", false, undefined]);
    assert.deepEqual(
      bad.problems.map(({ line }: { line: number }) => line),
      [4, 7],
    );
  });

  it("says so when there is no such file", async () => {
    const text = new ConfigurationError("CONFIGURATION_MISSING", "Can not read f");
    const plain = await run(["check", "f"], { text });
    assert.deepEqual([plain.status, plain.output, plain.errors], [2, "", "ipmpadm: Can not read f\n"]);
    const { status, output } = await run(["check", "--json", "f"], { text });
    const told = { code: "CONFIGURATION_MISSING", message: "Can not read f", detail: "" };
    assert.deepEqual([status, JSON.parse(output)], [2, told]);
  });
});

describe("ipmpadm reload", () => {
  it("says that it is done, and shows warnings", async () => {
    const output = "The configuration is in force.\n";
    assert.deepEqual(await run(["reload"]), { status: 0, output, errors: "", loaded: [] });
    const { status, errors } = await run(["reload"], { daemon: ["f:2:3: a group of one"] });
    assert.deepEqual([status, errors], [0, "f:2:3: a group of one (warning)\n"]);
    assert.deepEqual(JSON.parse((await run(["reload", "--json"], { daemon: ["w"] })).output), { warnings: ["w"] });
  });

  it("names every problem of a bad file, and ends with 2", async () => {
    for (const code of ["BAD_CONFIGURATION", "NOT_READABLE"]) {
      const daemon = refused(code, "f:1:1: wrong\nf:2:1: wrong");
      const { status, output, errors } = await run(["reload"], { daemon });
      assert.deepEqual([status, output], [2, ""]);
      assert.equal(errors, "f:1:1: wrong\nf:2:1: wrong\nipmpadm: Nothing has changed.\n");
      const program = await run(["reload", "--json"], { daemon });
      assert.deepEqual([program.status, program.errors, JSON.parse(program.output).code], [2, "", code]);
    }
  });

  it("ends with 1 when the daemon can not, or is not there", async () => {
    const late = await run(["reload"], { daemon: refused("NOT_DONE_IN_TIME", "It may still be made.") });
    assert.deepEqual([late.status, late.errors], [1, "It may still be made.\nipmpadm: Nothing has changed.\n"]);
    const gone = await run(["reload"], { daemon: new ControlError("NO_DAEMON", "Cannot contact ipmpd") });
    const hint = "(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";
    assert.deepEqual([gone.status, gone.errors], [1, `ipmpadm: cannot contact ipmpd\n${hint}\n`]);
  });
});
