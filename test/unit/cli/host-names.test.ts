import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostNames as namesFrom, type ReverseResolver } from "../../../src/cli/host-names.ts";
import { hostsFile } from "../../../src/cli/hosts-file.ts";

/** Without the hosts of this machine. */
const hostNames = (addresses: readonly string[], resolver: ReverseResolver, patienceMs = 1000) =>
  namesFrom(addresses, { own: () => new Map(), resolver, patienceMs });

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

  it("of /etc/hosts are the first of their line, whatever the name service says or does not say", async () => {
    const own = () => new Map([["192.0.2.10", "db1.example.com"]]);
    const names = await namesFrom(["192.0.2.10", "192.0.2.11"], {
      own,
      resolver: resolver({ "192.0.2.10": ["alias"], "192.0.2.11": ["other"] }),
    });
    assert.deepEqual(
      [...names],
      [
        ["192.0.2.10", "db1"],
        ["192.0.2.11", "other"],
      ],
    );
    assert.deepEqual(
      [...(await namesFrom(["192.0.2.10"], { own, resolver: resolver({}), patienceMs: 20 })).values()],
      ["db1"],
    );
  });
});

describe("the file of hosts", () => {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-hosts-"));
  after(() => rmSync(folder, { recursive: true }));

  const read = (text: string) => {
    const path = join(folder, "hosts");
    writeFileSync(path, text);
    return [...hostsFile(path)];
  };

  it("gives each address the first name of its first line", () => {
    const text = "# hosts\n192.0.2.10 db1\n192.0.2.11\tdb2 alias # second\n192.0.2.10 again\n192.0.2.12\nnonsense x\n";
    assert.deepEqual(read(text), [
      ["192.0.2.10", "db1"],
      ["192.0.2.11", "db2"],
    ]);
  });

  it("knows an IPv6 address in every spelling, and none that names a link", () => {
    assert.deepEqual(read("2001:DB8:0:0::10 six\nfe80::1%eth0 link\n"), [["2001:db8::10", "six"]]);
  });

  it("has no names where it is missing, a directory, or far too large", () => {
    assert.equal(hostsFile(join(folder, "none")).size, 0);
    assert.equal(hostsFile(folder).size, 0);
    assert.equal(read(`192.0.2.10 db1\n${"#".repeat(17 * 1024 * 1024)}`).length, 0);
  });
});
