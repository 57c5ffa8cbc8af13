import assert from "node:assert/strict";
import { hostNames, type ReverseResolver } from "../../../src/cli/host-names.ts";

/** Answers from a table; what is not in it never gets an answer. */
function resolver(table: Readonly<Record<string, string[] | Error>>): ReverseResolver & { cancelled: number } {
  return {
    cancelled: 0,
    async reverse(address) {
      const found = table[address];
      if (found === undefined) return await new Promise<string[]>(() => {});
      if (found instanceof Error) throw found;
      return found;
    },
    cancel() {
      this.cancelled += 1;
    },
  };
}

describe("host names", () => {
  it("come without their domain part", async () => {
    const names = await hostNames(["192.0.2.1"], resolver({ "192.0.2.1": ["www.example.com", "other"] }));
    assert.deepEqual([...names], [["192.0.2.1", "www"]]);
  });

  it("are missing where there is none", async () => {
    const table = { "192.0.2.1": new Error("ENOTFOUND"), "192.0.2.2": [] };
    assert.equal((await hostNames(Object.keys(table), resolver(table))).size, 0);
  });

  it("are not believed when they hold what no host name holds", async () => {
    const table = { "192.0.2.1": ["\u001b[2J.example"], "192.0.2.2": [".example"], "192.0.2.3": ["a:b"] };
    assert.equal((await hostNames(Object.keys(table), resolver(table))).size, 0);
  });

  it("do not wait for a name service that is silent", async () => {
    const silent = resolver({ "192.0.2.1": ["www"] });
    const names = await hostNames(["192.0.2.1", "192.0.2.2"], silent, 20);
    assert.deepEqual([...names.keys()], ["192.0.2.1"]);
    assert.equal(silent.cancelled, 1);
  });

  it("of one address are asked for once", async () => {
    let asked = 0;
    const counting = { reverse: async () => [`name${++asked}`], cancel() {} };
    await hostNames(["192.0.2.1", "192.0.2.1"], counting);
    assert.equal(asked, 1);
  });
});
