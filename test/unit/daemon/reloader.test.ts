import assert from "node:assert/strict";
import { ConfigurationError, type ParsedConfiguration, parseConfiguration } from "../../../src/config/index.ts";
import type { Configuration } from "../../../src/core/configuration.ts";
import { Log } from "../../../src/daemon/log.ts";
import { Reloader } from "../../../src/daemon/reloader.ts";

const yaml = (...groups: string[]) =>
  `groups: {${groups.map((name, at) => `${name}: { interfaces: { eth${2 * at}: , eth${2 * at + 1}: } }`).join(", ")}}`;

function parsed(text: string): ParsedConfiguration {
  return parseConfiguration(text, "ipmp.yaml");
}

function inForce(text: string): Configuration {
  const { configuration } = parsed(text);
  assert.ok(configuration);
  return configuration;
}

/** A reloader with the groups `a` in force, and everything that it does. */
function reloaderOn(files: (() => ParsedConfiguration)[]) {
  const done: string[] = [];
  const log = new Log({
    format: "text",
    level: "debug",
    journald: true,
    write: (line) => done.push(`log ${line.trimEnd()}`),
  });
  const configure = async (configuration: Configuration) => {
    const names = configuration.groups.map(({ name }) => name).join();
    done.push(`begins ${names}`);
    await new Promise(setImmediate);
    done.push(`ends ${names}`);
  };
  const reloader = new Reloader(Promise.resolve({ configure }), {
    configuration: Promise.resolve(inForce(yaml("a"))),
    configurationFile: "ipmp.yaml",
    load: async () => (files.shift() ?? assert.fail("read once too often"))(),
    parse: async (text) => parseConfiguration(text, "body"),
    log,
    tell: (state) => done.push(`tells ${state.split("\n")[0]}`),
  });
  return { reloader, done };
}

describe("reload", () => {
  it("puts a good file into force, says what it changes, and tells the service manager", async () => {
    const { reloader, done } = reloaderOn([() => parsed(yaml("a", "b"))]);
    const result = await reloader.fromFile();
    assert.equal(result.ok, true);
    const warned = done.filter((line) => line.startsWith("log <4>"));
    assert.deepEqual(warned, result.ok && result.warnings.map((warning) => `log <4>${warning}`));
    assert.deepEqual(
      done.filter((line) => !warned.includes(line)),
      [
        "tells RELOADING=1",
        "begins a,b",
        "ends a,b",
        "log <6>The configuration from ipmp.yaml is in force: group b added",
        "tells READY=1",
      ],
    );
    assert.deepEqual(await reloader.configuration, inForce(yaml("a", "b")));
  });

  it("changes nothing for a bad file, and names every problem with its place", async () => {
    const { reloader, done } = reloaderOn([() => parsed("groups: { a: { interface: {} } }\n")]);
    const result = await reloader.fromFile();
    assert.ok(!result.ok);
    assert.equal(result.code, "BAD_CONFIGURATION");
    assert.ok(result.problems.length >= 2);
    for (const problem of result.problems) {
      assert.match(problem, /^ipmp\.yaml:1:\d+: /);
      assert.ok(done.includes(`log <3>${problem}`));
    }
    assert.ok(done.includes("log <3>The new configuration is refused, and the one before stays in force"));
    assert.deepEqual([done[0], done.at(-1)], ["tells RELOADING=1", "tells READY=1"]);
    assert.equal(
      done.some((line) => line.startsWith("begins")),
      false,
    );
    assert.deepEqual(await reloader.configuration, inForce(yaml("a")));
  });

  it("changes nothing for a file that can not be read", async () => {
    const gone = new ConfigurationError("CONFIGURATION_MISSING", "there is none");
    const { reloader, done } = reloaderOn([
      () => {
        throw gone;
      },
    ]);
    assert.deepEqual(await reloader.fromFile(), { ok: false, code: "NOT_READABLE", problems: ["there is none"] });
    assert.ok(done.includes("log <3>there is none"));
    assert.equal(done.at(-1), "tells READY=1");
  });

  it("does not hide a bug of ours, and goes on with the next", async () => {
    const bug = () => {
      throw new TypeError("ours");
    };
    const { reloader, done } = reloaderOn([bug, () => parsed(yaml("a"))]);
    await assert.rejects(reloader.fromFile(), /^TypeError: ours$/);
    assert.equal((await reloader.fromFile()).ok, true);
    assert.ok(done.includes("log <6>The configuration from ipmp.yaml is in force: nothing has changed"));
  });

  it("takes one after the other, whoever asks", async () => {
    const { reloader, done } = reloaderOn([() => parsed(yaml("b")), () => parsed(yaml("c"))]);
    const first = reloader.fromText(yaml("d"));
    const second = reloader.fromFile();
    const third = reloader.fromText(yaml("e"));
    await second;
    const fourth = reloader.fromFile();
    await Promise.all([first, third, fourth]);
    assert.deepEqual(
      done.filter((line) => /^(begins|ends)/.test(line)),
      ["begins d", "ends d", "begins b", "ends b", "begins e", "ends e", "begins c", "ends c"],
    );
  });

  it("reads once for all who ask while another one is under way", async () => {
    const { reloader } = reloaderOn([() => parsed(yaml("b"))]);
    const asked = [reloader.fromText(yaml("c")), reloader.fromFile(), reloader.fromFile(), reloader.fromFile()];
    assert.deepEqual(
      (await Promise.all(asked)).map(({ ok }) => ok),
      [true, true, true, true],
    );
    assert.deepEqual(await reloader.configuration, inForce(yaml("b")));
  });

  it("names the text of a request as its source, and hands its warnings on", async () => {
    const { reloader, done } = reloaderOn([]);
    const result = await reloader.fromText("groups: { a: { interfaces: { eth0: } } }");
    assert.ok(result.ok && result.warnings.length > 0);
    for (const warning of result.warnings) {
      assert.match(warning, /^body:\d+:\d+: /);
      assert.ok(done.includes(`log <4>${warning}`));
    }
    assert.ok(done.includes("log <6>The configuration from the control socket is in force: group a changed"));
  });

  it("hands on what is wrong with the global defaults, which refuses nothing", async () => {
    const defaults = { complaints: ["Invalid value for FAILBACK perhaps"] };
    const { reloader, done } = reloaderOn([() => parseConfiguration(yaml("a"), "ipmp.yaml", defaults)]);
    const result = await reloader.fromFile();
    assert.ok(result.ok);
    assert.equal(result.warnings[0], "Invalid value for FAILBACK perhaps");
    assert.ok(done.includes("log <3>Invalid value for FAILBACK perhaps"));
  });

  it("has an end for who waits, though the kernel has none", async () => {
    const realTimeout = AbortSignal.timeout;
    const patience = new AbortController();
    AbortSignal.timeout = () => patience.signal;
    try {
      const configure = (_: Configuration, { signal }: { signal?: AbortSignal } = {}) =>
        new Promise<void>((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          patience.abort(new Error("enough"));
        });
      const log = new Log({ format: "text", level: "error", journald: false, write: () => undefined });
      const reloader = new Reloader(Promise.resolve({ configure }), {
        configuration: Promise.resolve(inForce(yaml("a"))),
        configurationFile: "ipmp.yaml",
        load: async () => parsed(yaml("b")),
        parse: async (text) => parsed(text),
        log,
        tell: () => undefined,
      });
      const result = await reloader.fromFile();
      assert.ok(result.ok);
      assert.match(result.warnings.join("\n"), /Not everything is in place yet/);
      assert.deepEqual(await reloader.configuration, inForce(yaml("b")));
    } finally {
      AbortSignal.timeout = realTimeout;
    }
  });
});
