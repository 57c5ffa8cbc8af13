import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigurationError,
  type ConfigurationErrorCode,
  loadConfig,
  loadConfiguration,
} from "../../../src/config/index.ts";

describe("loadConfiguration", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ipmp-config-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function refuses(path: string, code: ConfigurationErrorCode): Promise<void> {
    await assert.rejects(loadConfiguration(path), (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(error.code, code);
      assert.ok(error.message.includes(path.slice(0, 255)) && /wanted|create it/.test(error.message), error.message);
      return true;
    });
  }

  it("reads a file and names it in problems", async () => {
    const path = join(folder, "right.yaml");
    writeFileSync(path, "groups: { g: { interfaces: { eth0: , eth1: }, addresses: [192.0.2.19/33] } }");
    const { problems } = await loadConfiguration(path);
    assert.deepEqual(
      problems.map(({ file, line }) => ({ file, line })),
      [{ file: path, line: 1 }],
    );
  });

  it("shows paths on one line, without control characters, and cut", async () => {
    await assert.rejects(loadConfiguration(join(folder, "a\nb\x1b[31m")), /a\\u\{a\}b\\u\{1b\}\[31m:/);
    await assert.rejects(loadConfiguration("x".repeat(5000)), /configuration x{255}\.\.\.:/);
  });

  it("says that a file is missing", () => refuses(join(folder, "none.yaml"), "CONFIGURATION_MISSING"));

  it("says that a part of the path is a file", async () => {
    writeFileSync(join(folder, "file"), "");
    await refuses(join(folder, "file", "ipmp.yaml"), "CONFIGURATION_MISSING");
  });

  it("refuses a directory", async () => {
    mkdirSync(join(folder, "directory"));
    await refuses(join(folder, "directory"), "CONFIGURATION_NOT_A_FILE");
  });

  it("refuses a pipe without waiting for a writer", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await refuses(join(folder, "pipe"), "CONFIGURATION_NOT_A_FILE");
  });

  it("refuses a name too long for the kernel", () =>
    refuses(join(folder, "x".repeat(300)), "CONFIGURATION_UNREADABLE"));

  it("refuses over 1 MiB, and takes exactly that", async () => {
    const path = join(folder, "large.yaml");
    const text = "groups: {}\n";
    writeFileSync(path, `${text}#${" ".repeat(1024 * 1024 - text.length - 1)}`);
    assert.deepEqual((await loadConfiguration(path)).problems, []);
    writeFileSync(path, `${text}#${" ".repeat(1024 * 1024 - text.length)}`);
    await refuses(path, "CONFIGURATION_TOO_LARGE");
  });

  it("refuses what is not UTF-8", async () => {
    const path = join(folder, "latin1.yaml");
    writeFileSync(path, Buffer.from("# gr\xfc\xdfe\ngroups: {}\n", "latin1"));
    await refuses(path, "CONFIGURATION_NOT_UTF8");
  });

  it("for programs: gives the configuration, or rejects with every problem", async () => {
    const path = join(folder, "for-programs.yaml");
    writeFileSync(path, "track-ungrouped: true\ngroups: {}\n");
    assert.deepEqual(await loadConfig(path), { trackUngrouped: true, groups: [] });
    writeFileSync(path, "failback: 1\nfail-on: 2\ngroups: {}\n");
    await assert.rejects(loadConfig(path), (error: unknown) => {
      assert.ok(error instanceof ConfigurationError && error.code === "CONFIGURATION_WRONG");
      assert.deepEqual(error.message.split("\n"), [
        `${path}:1:11: failback: found \`1\`, wanted true or false`,
        `${path}:2:10: fail-on: found \`2\`, wanted all-families or any-family`,
      ]);
      return true;
    });
  });

  describe("with a file of global defaults", () => {
    const load = async (mpathdFile: string) => {
      const path = join(folder, "defaults.yaml");
      writeFileSync(path, "groups: { g: { interfaces: { eth0: , eth1: } } }");
      const { configuration, complaints } = await loadConfiguration(path, { mpathdFile });
      return { timeMs: configuration?.groups[0]?.failureDetectionTimeMs, complaints };
    };

    it("takes them, and hands on what is wrong with them", async () => {
      const file = join(folder, "mpathd");
      writeFileSync(file, "FAILURE_DETECTION_TIME=200\nFAILBACK=perhaps\n");
      assert.deepEqual(await load(file), {
        timeMs: 200,
        complaints: [`${file}:2: Invalid value for FAILBACK perhaps`],
      });
    });

    it("T1: says nothing where there is none", async () => {
      assert.deepEqual(await load(join(folder, "no-mpathd")), { timeMs: 10_000, complaints: [] });
      writeFileSync(join(folder, "not-a-folder"), "");
      assert.deepEqual(await load(join(folder, "not-a-folder", "mpathd")), { timeMs: 10_000, complaints: [] });
    });

    it("goes on without one that is a folder, a pipe, too large, or can not be opened", async () => {
      const pipe = join(folder, "mpathd-pipe");
      execFileSync("mkfifo", [pipe]);
      const large = join(folder, "mpathd-large");
      writeFileSync(large, "#".repeat(64 * 1024 + 1));
      const name = join(folder, "x".repeat(300));
      for (const [path, found] of [
        [folder, "a directory"],
        [pipe, "a device, pipe or socket"],
        [large, "over 65536 bytes"],
        [name, "ENAMETOOLONG"],
      ]) {
        const complaint = `Can not read ${path}: found ${found}, wanted a small readable file; going on without it`;
        assert.deepEqual(await load(path ?? ""), { timeMs: 10_000, complaints: [complaint] });
      }
    });
  });
});
