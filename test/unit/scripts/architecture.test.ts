/** One canary per rule: a planted violation that must be found, beside its innocent twin that must not. */
import assert from "node:assert/strict";
import { violationsIn } from "../../../scripts/architecture.ts";
import type { DependencyReasons } from "../../../scripts/checks/import-rules.ts";
import { DIAGRAM_PLACE, STATES_PAGE, withDiagram } from "../../../scripts/checks/state-diagram.ts";

const REASONS: DependencyReasons = {
  dependencies: { yaml: { importedBy: ["config"], reason: "reads YAML" } },
  devDependencies: { mocha: "runs tests" },
};

const SOUND = {
  "binding.gyp": "{}",
  "package.json": JSON.stringify({ dependencies: { yaml: "1" }, devDependencies: { mocha: "1" } }),
  "src/README.md": "cli/ config/ control/ core/ daemon/ host/ kernel/ prober/",
  [STATES_PAGE]: withDiagram(DIAGRAM_PLACE) ?? "",
  "test/cases.md": "",
};

function found(planted: Readonly<Record<string, string>>): string[] {
  const tree = new Map(Object.entries({ ...SOUND, ...planted }));
  return violationsIn(tree, REASONS).map(({ path, line, what }) => `${path}:${line} ${what}`);
}

function title(text: string): string {
  return text.slice(0, 80).split("\n")[0] ?? "";
}

/** `path: text` that breaks nothing. */
function permitted(path: string, text: string): void {
  it(`permits ${path}: ${title(text)}`, () => assert.deepEqual(found({ [path]: text }), []));
}

/** `path: text` whose one violation says `what`. */
function refused(path: string, text: string, what: string): void {
  it(`refuses ${path}: ${title(text)}`, () => {
    const violations = found({ [path]: text });
    assert.equal(violations.length, 1, violations.join("\n"));
    assert.ok(violations[0]?.includes(what), `${violations[0]} should say: ${what}`);
  });
}

describe("architecture: import directions", () => {
  permitted("src/core/a.ts", 'import { b } from "./b.ts";');
  refused("src/core/a.ts", 'import { join } from "node:path";', "imports node:path");
  refused("src/core/a.ts", 'import type { Port } from "../kernel/port.ts";', "uses types of src/kernel/port.ts");
  refused("src/core/a.ts", 'import { parse } from "yaml";', "imports the package yaml");
  refused("src/core/a.ts", 'const text = await import("../config/load.ts");', "loads src/config/load.ts");
  refused("src/core/a.ts", 'type Port = import("../kernel/port.ts").Port;', "uses types of src/kernel/port.ts");

  permitted("src/config/a.ts", 'import type { Configuration } from "../core/configuration.ts";');
  permitted("src/config/a.ts", 'import { parse } from "yaml";');
  refused("src/config/a.ts", 'import { Machine } from "../core/machine.ts";', "loads src/core/machine.ts");
  refused("src/config/a.ts", 'import { type Machine } from "../core/machine.ts";', "loads src/core/machine.ts");
  permitted("src/kernel/a.ts", 'import { OUR_PROTOCOL } from "../core/kernel-state/kernel-objects.ts";');
  refused(
    "src/kernel/a.ts",
    'import type { Client } from "../control/client.ts";',
    "uses types of src/control/client.ts",
  );
  refused("src/prober/a.ts", 'export * from "../kernel/port.ts";', "loads src/kernel/port.ts");
  refused("src/control/a.ts", 'import { parse } from "yaml";', "imports the package yaml");
  refused("src/control/a.ts", 'import { it } from "mocha";', "imports the package mocha");

  permitted("src/kernel/a.ts", 'import { makeSafeDirectory } from "../host/safe-directory.ts";');
  refused("src/core/a.ts", 'import { makeSafeDirectory } from "../host/safe-directory.ts";', "loads src/host/");
  refused("src/host/a.ts", 'import { native } from "../kernel/native.ts";', "loads src/kernel/native.ts");

  permitted("src/daemon/a.ts", 'import { Machine } from "../core/machine.ts";');
  refused("src/daemon/a.ts", 'import { main } from "../cli/ipmpd.ts";', "loads src/cli/ipmpd.ts");
  permitted("src/cli/ipmpstat.ts", 'import { Client } from "../control/client.ts";');
  refused("src/cli/ipmpstat.ts", 'import { Server } from "../control/server.ts";', "loads src/control/server.ts");
  refused("src/cli/ipmpstat.ts", 'import { start } from "../daemon/daemon.ts";', "loads src/daemon/daemon.ts");
  permitted("src/cli/ipmpd-command.ts", 'import { start } from "../daemon/daemon.ts";');
  permitted("src/index.ts", 'export { start } from "./daemon/daemon.ts";');
  refused("src/index.ts", 'export { main } from "./cli/ipmpd.ts";', "loads src/cli/ipmpd.ts");
  refused("src/stray.ts", "export const one = 1;", "is in no area");
});

describe("architecture: the addon", () => {
  const load = 'import { createRequire } from "node:module";';
  permitted("src/kernel/native.ts", load);
  refused("src/kernel/other.ts", load, "imports node:module");
  refused("src/daemon/a.ts", 'process.dlopen(module, "build/Release/x.node");', "names build/Release/x.node");
});

describe("architecture: purity and time", () => {
  for (const text of [
    "Date.now();",
    "let since: Date;",
    "performance.now();",
    "Math.random();",
    "setTimeout(f, 1);",
    "process.env;",
  ]) {
    refused("src/core/a.ts", text, "uses ");
  }
  permitted("src/core/a.ts", "Math.max(event.process, { Date: 1 }.Date);");

  permitted("src/daemon/loop.ts", "setTimeout(f, 1); setInterval(f, 1);");
  refused("src/kernel/a.ts", "setInterval(f, 1);", "uses setInterval");
  it("refuses a second file of the daemon with a timer", () => {
    const text = "setTimeout(f, 1);";
    assert.deepEqual(found({ "src/daemon/loop.ts": text, "src/daemon/second.ts": text }), [
      "src/daemon/second.ts:1 uses setTimeout, as src/daemon/loop.ts does",
    ]);
  });
});

describe("architecture: files", () => {
  permitted("src/core/index.ts", 'export * from "./machine.ts";');
  refused("src/core/index.ts", "export const one = 1;", "contains export const one");
  refused("binding.gyp", "{ 'targets': [] }", "is not strict JSON");
  permitted("native/a.cc", "int x;\n".repeat(400));
  refused("native/a.cc", "int x;\n".repeat(401), "has 401 lines");
  it("refuses a folder that the map does not name, and a missing map", () => {
    const tree = { "src/core/a.ts": "export {};", "src/README.md": "cli/" };
    assert.deepEqual(found(tree), ["src/README.md:0 does not name core/"]);
    const bare = new Map(Object.entries({ ...SOUND, ...tree }).filter(([path]) => path !== "src/README.md"));
    assert.deepEqual(
      violationsIn(bare, REASONS).map(({ what }) => what),
      ["is missing"],
    );
  });
  refused("package.json", '{ "dependencies": { "yaml": "1" } }', "devDependencies lacks mocha");
  refused(
    "package.json",
    '{ "dependencies": { "yaml": "1", "left-pad": "1" }, "devDependencies": { "mocha": "1" } }',
    "dependencies has left-pad",
  );
});

describe("architecture: the lock file", () => {
  const lock = (...keys: string[]) => {
    const parent = { "node_modules/a": { optionalDependencies: { "@a/darwin": "1" } } };
    return JSON.stringify({ packages: { ...parent, ...Object.fromEntries(keys.map((key) => [key, {}])) } });
  };
  permitted("package-lock.json", lock("node_modules/@a/darwin"));
  permitted("package-lock.json", lock("node_modules/a/node_modules/@a/darwin"));
  refused("package-lock.json", lock(), "does not describe @a/darwin");
});

describe("architecture: promises and silenced tests", () => {
  const promise = ["TO", "DO"].join("");
  refused("native/a.h", `// ${promise}: later`, `says ${promise}`);
  for (const call of ["it.only", "describe.only", "it.skip", "this.skip", "xit"]) {
    refused("test/unit/a.test.ts", `${call}("a", () => {});`, `calls ${call}`);
  }
  permitted("test/unit/a.test.ts", "const rest = text.skip(1); options.only = true;");
  permitted("test/support/skip.ts", "this.skip();");
});

describe("architecture: pages that must agree with the code", () => {
  refused(STATES_PAGE, DIAGRAM_PLACE, "has an outdated diagram");
  refused(STATES_PAGE, "# States", "has no place for the diagram");
  it("refuses a diagram that lacks an arrow, and says how to draw it anew", () => {
    const page = withDiagram(DIAGRAM_PLACE)?.replace("    running --> failed: failed\n", "") ?? "";
    assert.deepEqual(found({ [STATES_PAGE]: page }), [
      `${STATES_PAGE}:0 has an outdated diagram; \`npm run docs:states\` draws it anew`,
    ]);
  });
});

describe("architecture: the numbered cases", () => {
  // Written in two pieces: this file must not seem to show a case itself.
  const one = ["T", "1"].join("");
  const row = (reason: string) => `| ${one} | it works | ${reason}|`;
  const cases = (reason: string, files: Readonly<Record<string, string>>) =>
    found({ "test/cases.md": row(reason), ...files });

  it("is content with a title, with a transcript's first line, and with a reason", () => {
    assert.deepEqual(cases("", { "test/unit/a.test.ts": `it("${one}: works", () => {});` }), []);
    assert.deepEqual(cases("", { "test/unit/a.test.ts": `it(\`${one}: \${name} works\`, () => {});` }), []);
    assert.deepEqual(cases("", { "test/scenario/a.txt": `# ${one} works\n` }), []);
    assert.deepEqual(cases("nobody can see it ", {}), []);
  });

  it("refuses a case that only a comment, a helper or a later line of a transcript names", () => {
    const files = {
      "test/unit/a.test.ts": `// ${one}`,
      "test/support/b.ts": `const title = "${one}";`,
      "test/scenario/c.txt": `# works\n# ${one}\n`,
    };
    assert.deepEqual(cases("", files), [`test/cases.md:1 ${one} is in no test's title, and has no reason why`]);
  });

  it("refuses a reason that no longer holds, and a number that nobody gave", () => {
    const title = `it("${one} and ${one}0", () => {});`;
    assert.deepEqual(cases("not yet ", { "test/unit/a.test.ts": title }), [
      `test/cases.md:1 ${one} has a reason, though test/unit/a.test.ts shows it`,
      `test/unit/a.test.ts:1 names ${one}0, which test/cases.md lacks`,
    ]);
  });

  it("refuses to do without the page", () => {
    const bare = new Map(Object.entries(SOUND).filter(([path]) => path !== "test/cases.md"));
    assert.deepEqual(
      violationsIn(bare, REASONS).map(({ path, what }) => `${path} ${what}`),
      ["test/cases.md is missing"],
    );
  });
});
