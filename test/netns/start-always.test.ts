/**
 * What serves only the way back never stands in the way forward: a good configuration is put into force, whatever has become of the files of
 * state, and of the place for the sockets.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "../../src/control/client.ts";
import { ipmpd, ipmpdWords, LabDaemon } from "../support/daemon.ts";
import { dumpOf, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { end, ended, run } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, standardConfiguration, standardPicture } from "../support/standard-group.ts";
import { TaskLimit } from "../support/task-limit.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const TOOLS = fileURLToPath(new URL("../../dist/cli/", import.meta.url));

const GOOD = standardConfiguration();
const RP_FILTER = "/proc/sys/net/ipv4/conf/eth0/rp_filter";

/** Times between 20 seconds, when everything is read anew, and twice that. */
const NEXT_SCAN_MS = 45_000;

describe("a start", () => {
  let laboratory: Laboratory;
  let untouched: string[];
  let stateDir: string;
  let settings: string;
  let precious: string;
  let sysctls: string;
  let logged = 0;

  const host = (...words: string[]) => laboratory.run("host", words);

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    untouched = await dumpOf(laboratory, "host");
    stateDir = join(laboratory.directory, "host", "state");
    const inode = (await host("stat", "-Lc", "%i", "/proc/self/ns/net")).stdout.trim();
    settings = join(stateDir, `settings-${inode}.json`);
    precious = join(laboratory.directory, "precious");
    writeFileSync(precious, "untouched");
    sysctls = join(laboratory.directory, "sysctls");
    const pattern = "^net\\.ipv[46]\\.(conf\\.(eth[0-9]|all|default)|fib_|nexthop_)";
    writeFileSync(sysctls, (await host("sysctl", "-a", "--ignore", "-r", pattern)).stdout);
  });

  after(() => laboratory?.close());

  beforeEach(() => mkdirSync(stateDir, { recursive: true }));

  afterEach(async () => {
    if (laboratory === undefined) return;
    await ipmpd(laboratory, "host", "--release");
    // A daemon that could write nothing down has taken what it knew with it.
    await laboratory.run("host", ["sysctl", "-q", "--ignore", "-p", sysctls], { anyStatus: true });
    rmSync(stateDir, { recursive: true, force: true });
  });

  /** Starts it, waits until the group serves, and returns what it said beside that. */
  async function start(): Promise<{ daemon: LabDaemon; lines: () => string[] }> {
    const from = logged;
    const daemon = await LabDaemon.start(laboratory, GOOD);
    await untilHost(laboratory, standardPicture(AT_FIRST));
    const lines = () => {
      const log = daemon.log();
      logged = log.length;
      return log
        .slice(from)
        .split("\n")
        .filter((line) => line.includes(stateDir));
    };
    return { daemon, lines };
  }

  async function endedWell(daemon: LabDaemon): Promise<void> {
    assert.equal(await daemon.stop(), 0);
    const released = await ipmpd(laboratory, "host", "--release");
    assert.equal(released.status, 0, released.stderr);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  }

  const WRECKS: Readonly<Record<string, (file: string) => void>> = {
    empty: (file) => writeFileSync(file, ""),
    torn: (file) => writeFileSync(file, '{"version":1,"oldVal'),
    "of another version": (file) => writeFileSync(file, '{"version":9}'),
    "a directory": (file) => mkdirSync(join(file, "full"), { recursive: true }),
    "a pipe": (file) => execFileSync("mkfifo", [file]),
    "a symbolic link": (file) => symlinkSync(precious, file),
    "a device": (file) => symlinkSync("/dev/zero", file),
    "far too large": (file) => {
      writeFileSync(file, "{");
      truncateSync(file, 64 * 1024 * 1024 * 1024);
    },
    "somebody else's": (file) => {
      writeFileSync(file, "{}");
      chownSync(file, 4711, 4711);
    },
    "open to all": (file) => {
      writeFileSync(file, "{}");
      chmodSync(file, 0o666);
    },
  };

  for (const [what, wreck] of Object.entries(WRECKS)) {
    it(`succeeds where both files of state are ${what}: they are put aside, with a line each`, async () => {
      const state = settings.replace("settings-", "state-");
      for (const file of [settings, state]) wreck(file);
      const { daemon, lines } = await start();
      await endedWell(daemon);
      const found = lines();
      assert.equal(found.length, 2, found.join("\n"));
      for (const file of [settings, state]) {
        assert.ok(found.some((line) => line.includes(`${file} is not understood`) && line.includes(`${file}.bad`)));
        assert.ok(lstatSync(`${file}.bad`));
      }
      assert.equal(readFileSync(precious, "utf8"), "untouched");
    });
  }

  const NO_PLACE: Readonly<Record<string, () => void>> = {
    "a file": () => writeFileSync(stateDir, ""),
    "a link to nowhere": () => symlinkSync("/nowhere", stateDir),
    "a read-only file system": () => {
      mkdirSync(stateDir);
      execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "none", stateDir]);
    },
    "a full file system": () => {
      mkdirSync(stateDir);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,mode=755", "none", stateDir]);
      writeFileSync(join(stateDir, "filler"), Buffer.alloc(4096));
    },
    "a directory of somebody else's": () => {
      mkdirSync(stateDir);
      chownSync(stateDir, 4711, 4711);
    },
    "open to all": () => {
      mkdirSync(stateDir);
      chmodSync(stateDir, 0o777);
    },
  };

  for (const [what, make] of Object.entries(NO_PLACE)) {
    it(`succeeds where the state directory is ${what}, and says so`, async () => {
      rmSync(stateDir, { recursive: true });
      make();
      try {
        const { daemon, lines } = await start();
        await daemon.stop();
        const found = lines();
        assert.ok(found.length >= 1 && found.length <= 2, found.join("\n"));
        for (const line of found) assert.match(line, / can not be kept in .*Until it can, /);
        if (what.startsWith("a directory of") || what === "open to all") assert.deepEqual(readdirSync(stateDir), []);
      } finally {
        execFileSync("sh", ["-c", `umount ${stateDir} 2>/dev/null; rm -rf ${stateDir}`]);
      }
    });
  }

  it("after a crash on a disk that is read-only by now still knows what to put back", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "none", stateDir]);
    try {
      const first = await start();
      await first.daemon.kill();
      assert.ok(existsSync(settings));
      execFileSync("mount", ["-o", "remount,ro", stateDir]);
      const { daemon } = await start();
      await endedWell(daemon);
    } finally {
      execFileSync("umount", [stateDir]);
    }
  });

  it("on a full disk writes down what it knows as soon as there is room, and says so once", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,mode=755", "none", stateDir]);
    try {
      writeFileSync(join(stateDir, "filler"), Buffer.alloc(4096));
      const { daemon, lines } = await start();
      assert.equal(lines().filter((line) => line.includes("sysctl values")).length, 1, lines().join("\n"));
      execFileSync("mount", ["-o", "remount,size=1m", stateDir]);
      const again = () => lines().filter((line) => line.includes(`can be kept in ${settings} again`));
      await waitFor("the file", again, (found) => found.length === 1, NEXT_SCAN_MS);
      assert.ok(existsSync(settings));
      await daemon.kill();
      const next = await start();
      await endedWell(next.daemon);
    } finally {
      execFileSync("umount", [stateDir]);
    }
  });

  /** How the runtime directory is mounted, what it says of that, and how it is put right. */
  const NO_SOCKETS: readonly [what: string, mount: string, said: RegExp, remedy: string][] = [
    ["full", "nr_inodes=1", /has no room left \(ENOSPC\): make room there\./, "nr_inodes=100"],
    ["read-only", "ro", /is read-only \(EROFS\): mount it writable, or name another .*--runtime-dir\./, "rw"],
  ];

  for (const [what, mount, said, remedy] of NO_SOCKETS) {
    it(`succeeds where the file system of the sockets is ${what}, says so once, and has them when that is put right`, async () => {
      const runtimeDir = join(laboratory.directory, "host", "run");
      mkdirSync(runtimeDir, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", `${mount},mode=755`, "none", runtimeDir]);
      try {
        const daemon = LabDaemon.launch(laboratory, GOOD);
        const lines = () =>
          daemon
            .log()
            .split("\n")
            .filter((line) => line.includes(`ipmpd[${daemon.pid}]`) && line.includes(runtimeDir));
        await untilHost(laboratory, standardPicture(AT_FIRST));
        const found = lines();
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0] ?? "", said);
        assert.match(found[0] ?? "", / error .*Cannot listen on \S+\/run\/control\.sock: /);
        // There: it has mounts of its own.
        const there = ["--mount", "--target", `${daemon.pid}`];
        execFileSync("nsenter", [...there, "mount", "-o", `remount,${remedy}`, runtimeDir]);
        await daemon.until("its sockets", (seen) => seen.groups.length === 1, NEXT_SCAN_MS);
        await waitFor("the good news", lines, (all) => / info .*The sockets in .* are there now/.test(all[1] ?? ""));
        assert.equal(await daemon.stop(), 0);
        assert.equal(lines().length, 2, lines().join("\n"));
      } finally {
        execFileSync("umount", [runtimeDir]);
      }
    });
  }

  it("works for a process that may write no file at all", async () => {
    const words = { environment: ["prlimit", "--fsize=0"] };
    const daemon = await LabDaemon.start(laboratory, GOOD, words);
    await untilHost(laboratory, standardPicture(AT_FIRST));
    await daemon.stop();
  });

  for (const limit of [20, 40, 64]) {
    it(`with ${limit} open files says in one sentence what is missing, and leaves nothing`, async () => {
      const file = join(laboratory.directory, "limited.yaml");
      writeFileSync(file, GOOD);
      const words = ["prlimit", `--nofile=${limit}:${limit}`, ...ipmpdWords(laboratory, "host", "--config", file)];
      const { status, stdout, stderr } = await laboratory.run("host", words, { anyStatus: true });
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(
        stderr,
        /^ipmpd: This process may have \d+ files open at once, and needs 256; raise .*LimitNOFILE=.*\n$/,
      );
      assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
    });
  }

  /** How a program gets into the namespace, and with how many tasks it then is short of them. `ip netns exec` hides the control groups. */
  const SHORT_OF_TASKS: readonly [how: string, enter: readonly string[], most: number][] = [
    ["seen ahead", ["nsenter", "--net=/run/netns/host"], 12],
    ["seen ahead", ["nsenter", "--net=/run/netns/host"], 17],
    ["met by Node", ["ip", "netns", "exec", "host"], 12],
    ["met by the addon", ["ip", "netns", "exec", "host"], 14],
  ];

  for (const [how, enter, most] of SHORT_OF_TASKS) {
    it(`with ${most} tasks, ${how}, says in one sentence what is missing, and leaves nothing`, async function () {
      const limit = TaskLimit.make(most);
      if (typeof limit === "string") skipBecause(this, limit);
      try {
        const file = join(laboratory.directory, "limited.yaml");
        writeFileSync(file, GOOD);
        const words = [...limit.words, ...enter, ...ipmpdWords(laboratory, "host", "--config", file)];
        const { status, stdout, stderr } = await run(words, { anyStatus: true });
        assert.deepEqual([status, stdout], [1, ""], stderr);
        assert.match(stderr, /^ipmpd: [^\n]* raise the limit of tasks: TasksMax=[^\n]*\n$/);
        assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
      } finally {
        limit.remove();
      }
    });
  }

  it("takes nothing over from a namespace that had the same number", async function () {
    const blue = (...words: string[]) => execFileSync("ip", ["-n", "blue", ...words]);
    const add = () => {
      execFileSync("ip", ["netns", "add", "blue"]);
      return statSync("/run/netns/blue").ino;
    };
    const remove = () => execFileSync("ip", ["netns", "delete", "blue"]);
    const cards = () => {
      for (const nic of ["eth0", "eth1"]) {
        blue("link", "add", nic, "type", "veth", "peer", "name", `${nic}p`);
        for (const end of [nic, `${nic}p`]) blue("link", "set", end, "up");
      }
    };
    const runtimeDir = join(laboratory.directory, "blue-run");
    const file = join(laboratory.directory, "blue.yaml");
    writeFileSync(file, "groups:\n  g0:\n    interfaces: { eth0: , eth1: }\n    addresses: [192.0.2.10/24]\n");
    const client = new Client({ runtimeDir });
    const run = (tool: string, ...words: string[]) => {
      const command = ["ip", "netns", "exec", "blue", "env", `IPMP_RUNTIME_DIR=${runtimeDir}`, process.execPath];
      return spawn("setpriv", ["--pdeathsig", "KILL", ...command, join(TOOLS, `${tool}.js`), ...words], {
        stdio: "inherit",
      });
    };
    const works = async (states: string) => {
      const look = () => client.snapshot().catch(() => undefined);
      await waitFor("its group", look, (seen) => seen?.interfaces.map(({ state }) => state).join() === states);
    };
    const serve = () => run("ipmpd", "--config", file, "--state-dir", stateDir, "--log-level", "error");

    const number = add();
    cards();
    blue("link", "set", "lo", "up");
    let daemon = serve();
    await works("ok,ok");
    assert.equal(await ended(run("if_mpadm", "-d", "eth0")), 0);
    daemon.kill("SIGKILL");
    await ended(daemon);
    assert.ok(existsSync(join(stateDir, `state-${number}.json`)));
    // The kernel gives the lowest number that is free.
    let tries = 0;
    do {
      remove();
      tries++;
    } while (add() !== number && tries < 200);
    if (statSync("/run/netns/blue").ino !== number) skipBecause(this, `the kernel gave number ${number} to nobody`);
    cards();
    const sysctl = (value: string) => execFileSync("ip", ["netns", "exec", "blue", "sysctl", "-qw", value]);
    sysctl("net.ipv4.conf.eth0.rp_filter=1");
    daemon = serve();
    await works("ok,ok");
    assert.equal(await end(daemon), 0);
    assert.equal(await ended(run("ipmpd", "--release", "--state-dir", stateDir)), 0);
    const value = execFileSync("ip", ["netns", "exec", "blue", "cat", RP_FILTER], { encoding: "utf8" });
    assert.equal(value.trim(), "1", "its own value was put back, not that of the namespace before");
    remove();
  });
});
