import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isFrom, originOf } from "../../../src/host/origin.ts";

describe("whom a file of state is about", () => {
  const here = { bootId: "b", namespace: "41", sinceMs: 1000 };

  it("is told by the boot and the cookie of the namespace", () => {
    assert.equal(isFrom({ bootId: "b", namespace: "41" }, 0, here), true);
    assert.equal(isFrom({ bootId: "b", namespace: "42" }, 2000, here), false);
    assert.equal(isFrom({ bootId: "another", namespace: "41" }, 2000, here), false);
    assert.equal(isFrom({ bootId: "b", namespace: 41 }, 2000, here), false);
  });

  it("is told by its time where an earlier version wrote no cookie", () => {
    assert.equal(isFrom({ bootId: "b" }, 1001, here), true);
    assert.equal(isFrom({ bootId: "b" }, 1000, here), false);
    assert.equal(isFrom({ bootId: "another" }, 1001, here), false);
  });

  it("is this boot, and a namespace that is there since before now", () => {
    const { bootId, namespace, sinceMs } = originOf("7", "/proc/self/ns/net");
    assert.equal(bootId, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
    assert.equal(namespace, "7");
    assert.ok(sinceMs > 0 && sinceMs <= Date.now());
  });
});
