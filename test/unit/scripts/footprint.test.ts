/** What a test run left is found, and what was there before is not held against it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { footprint, killMarked, processesMarked, traces } from "../../../scripts/checks/footprint.ts";

describe("footprint", () => {
  it("names what came and what went, by kind", () => {
    const before = { link: ["lo", "eth0 up"], file: [" M old.ts"] };
    const after = { link: ["lo", "eth0 down"], file: [" M old.ts", "?? new.ts"] };
    assert.deepEqual(traces(before, after), [
      "link left behind: eth0 down",
      "link gone or changed: eth0 up",
      "file left behind: ?? new.ts",
    ]);
  });

  it("sees links, routes and sysctls of the machine, and the same ones twice", () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    const { file: _, ...first } = footprint(root);
    assert.ok(first.link?.some((link) => link.includes('"lo"')));
    assert.ok(first.sysctl?.some((line) => line.startsWith("/proc/sys/net/ipv4/conf/all/rp_filter = ")));
    assert.deepEqual(traces(first, { ...footprint(root), file: [] }), []);
  });

  it("finds a process by the mark in its environment, until it has ended", async () => {
    const mark = { name: "IPMP_FOOTPRINT_TEST", value: String(process.pid) };
    const child = spawn("sleep", ["60"], { env: { ...process.env, [mark.name]: mark.value } });
    await once(child, "spawn");
    const found = () => processesMarked(`${mark.name}=${mark.value}`).map(({ pid }) => pid);
    assert.deepEqual(found(), [child.pid]);
    const exit = once(child, "exit");
    assert.match(killMarked(`${mark.name}=${mark.value}`).join(), new RegExp(`^${child.pid} .*sleep$`));
    await exit;
    assert.deepEqual(found(), []);
  });
});
