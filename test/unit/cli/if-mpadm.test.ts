import assert from "node:assert/strict";
import { ifMpadm } from "../../../src/cli/if_mpadm-command.ts";
import { ControlError } from "../../../src/control/client.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { STATES } from "./states.ts";

const NOT_RUNNING = "\n(ipmpd is not running here: start it, or name the directory of its sockets in IPMP_RUNTIME_DIR)";

const USAGE = "Usage: if_mpadm -d | -r <ifname>\n";
const NO_DAEMON = new ControlError("NO_DAEMON", "nobody there");

/** eth0 and eth1 work, eth2 stands by; and with eth2 a twin that is offline, and eth0 failed. */
const ALL_WELL = STATES["all-well"] ?? assert.fail();
const WITH_TWIN = STATES["admin-down-and-duplicate"] ?? assert.fail();
const CARD_MISSING = STATES["card-missing"] ?? assert.fail();

interface World {
  readonly picture?: Snapshot | ControlError;
  /** What the daemon says to a change; without it all is done. */
  readonly refusal?: ControlError;
  /** Those that the kernel has, besides those in the picture. */
  readonly others?: readonly string[];
}

async function run(line: string, { picture = ALL_WELL, refusal, others = [] }: World = {}) {
  const said = { output: "", errors: "" };
  const asked: string[] = [];
  const ask = (operation: string) => async (name: string) => {
    asked.push(`${operation} ${name}`);
    if (refusal !== undefined) throw refusal;
  };
  const status = await ifMpadm(line.split(" ").filter(Boolean), {
    snapshot: async () => {
      if (picture instanceof ControlError) throw picture;
      return picture;
    },
    offline: ask("offline"),
    online: ask("online"),
    exists: (name) => others.includes(name) || /^eth[012]$/.test(name),
    version: () => "1.2.3",
    write: (text) => {
      said.output += text;
    },
    complain: (text) => {
      said.errors += text;
    },
  });
  return { status, ...said, asked };
}

const daemonSays = (code: string) =>
  new ControlError("REFUSED", "The daemon refused", { refusal: { code, message: "No.", detail: "Because." } });

/** The command fails with this text, having asked the daemon for these changes. */
async function fatal(line: string, text: string, world: World = {}, asked: readonly string[] = []) {
  assert.deepEqual(
    await run(line, world),
    { status: 1, output: "", errors: `if_mpadm: fatal: ${text}\n`, asked },
    line,
  );
}

describe("if_mpadm", () => {
  it("asks the daemon, and is silent when it is done (T106, T110)", async () => {
    const done = { status: 0, output: "", errors: "" };
    assert.deepEqual(await run("-d eth0"), { ...done, asked: ["offline eth0"] });
    assert.deepEqual(await run("-deth2"), { ...done, asked: ["offline eth2"] });
    assert.deepEqual(await run("-r eth2", { picture: WITH_TWIN }), { ...done, asked: ["online eth2"] });
  });

  it("takes one -d or -r: of several that are given one would be passed over", async () => {
    for (const line of [
      "-r eth0 -d eth1",
      "-d eth0 -r eth1",
      "-d eth0 -d eth0",
      "-d eth0 --version",
      "-d -r",
      "-r -d",
      "-d --help",
    ]) {
      assert.deepEqual(await run(line), { status: 1, output: "", errors: USAGE, asked: [] }, line);
    }
  });

  it("answers wrong words with its usage, and exit status 1", async () => {
    const misuse = (errors: string) => ({ status: 1, output: "", errors, asked: [] });
    for (const line of ["", "eth0", "-d eth0 eth1", "--"]) assert.deepEqual(await run(line), misuse(USAGE), line);
    assert.deepEqual(await run("-x eth0"), misuse(`if_mpadm: illegal option -- x\n${USAGE}`));
    assert.deepEqual(await run("-r eth0 -d"), misuse(`if_mpadm: option requires an argument -- d\n${USAGE}`));
  });

  it("tells its version, and how it is used", async () => {
    assert.deepEqual(await run("--version"), { status: 0, output: "if_mpadm 1.2.3\n", errors: "", asked: [] });
    const { status, output } = await run("-d eth0 --help");
    assert.equal(status, 0);
    assert.ok(output.startsWith(USAGE));
  });

  it("shows names on one line, without control characters, and cut", async () => {
    await fatal("-d \x1b[31mx", "cannot get interface flags on \\u{1b}[31mx: no such interface");
    await fatal(`-r ${"x".repeat(5000)}`, `cannot get interface flags on ${"x".repeat(60)}...: no such interface`);
  });

  it("knows no interface that the kernel has not, and says that before all else", async () => {
    for (const operation of ["-d", "-r"]) {
      await fatal(`${operation} eth9`, "cannot get interface flags on eth9: no such interface");
      const world = { picture: NO_DAEMON };
      await fatal(`${operation} eth9`, "cannot get interface flags on eth9: no such interface", world);
    }
  });

  it("can take offline what is configured and not there", async () => {
    const picture = { ...CARD_MISSING, interfaces: CARD_MISSING.interfaces.map((face) => ({ ...face, name: "eth7" })) };
    assert.deepEqual((await run("-d eth7", { picture })).asked, ["offline eth7"]);
  });

  it("takes nothing offline that is in no group (T114)", async () => {
    const text = "cannot offline lo: not a physical interface or not in an IPMP group";
    await fatal("-d lo", text, { others: ["lo"] });
    await fatal("-r lo", "interface lo is not offline", { others: ["lo"] });
    const gone = { refusal: daemonSays("UNKNOWN_INTERFACE") };
    await fatal("-d eth0", text.replace("lo", "eth0"), gone, ["offline eth0"]);
  });

  it("does nothing twice (T109)", async () => {
    await fatal("-d eth2", "interface eth2 is already offline", { picture: WITH_TWIN });
    await fatal("-r eth0", "interface eth0 is not offline");
  });

  it("tells the daemon's reasons in the words of Solaris (T107, T115, T117)", async () => {
    const redundancy = "cannot offline eth0: no other functioning interfaces are in its IPMP group";
    await fatal("-d eth0", redundancy, { refusal: daemonSays("MINIMUM_REDUNDANCY") }, ["offline eth0"]);
    const twin = { picture: WITH_TWIN, refusal: daemonSays("DUPLICATE_HARDWARE_ADDRESS") };
    await fatal("-r eth2", "cannot undo-offline eth2: interface has duplicate hardware address", twin, ["online eth2"]);
  });

  it("believes the daemon where somebody else was faster", async () => {
    const already = { refusal: daemonSays("ALREADY_OFFLINE") };
    await fatal("-d eth0", "interface eth0 is already offline", already, ["offline eth0"]);
    const not = { picture: WITH_TWIN, refusal: daemonSays("NOT_OFFLINE") };
    await fatal("-r eth2", "interface eth2 is not offline", not, ["online eth2"]);
  });

  it("says in the words of old that there is no daemon", async () => {
    await fatal("-d eth0", `cannot offline eth0: cannot contact in.mpathd${NOT_RUNNING}`, { picture: NO_DAEMON });
    await fatal("-r eth0", `cannot undo-offline eth0: cannot contact in.mpathd${NOT_RUNNING}`, { picture: NO_DAEMON });
    await fatal("-d eth0", `cannot offline eth0: cannot contact in.mpathd${NOT_RUNNING}`, { refusal: NO_DAEMON }, [
      "offline eth0",
    ]);
  });

  it("hands on every other reason", async () => {
    const forbidden = new ControlError("NOT_ALLOWED", "Not allowed to change anything");
    await fatal("-d eth0", "cannot offline eth0: Not allowed to change anything", { refusal: forbidden }, [
      "offline eth0",
    ]);
    const mute = new ControlError("TIMEOUT", "The daemon did not answer within 5000 ms");
    await fatal("-r eth0", "cannot undo-offline eth0: The daemon did not answer within 5000 ms", { picture: mute });
    const odd = { refusal: daemonSays("INTERNAL") };
    await fatal("-d eth0", "cannot offline eth0: The daemon refused", odd, ["offline eth0"]);
  });

  it("does not hide faults of its own", async () => {
    const refusal = new TypeError("ours") as unknown as ControlError;
    await assert.rejects(run("-d eth0", { refusal }), TypeError);
  });
});
