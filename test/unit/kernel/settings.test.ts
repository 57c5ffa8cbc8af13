import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Link } from "../../../src/core/kernel-state/kernel-objects.ts";
import { originOf } from "../../../src/host/origin.ts";
import { type SettingFiles, Settings, settingPath } from "../../../src/kernel/settings.ts";

const { EACCES, ENOENT } = constants.errno;
const ARP_IGNORE = "/proc/sys/net/ipv4/conf/eth0/arp_ignore";
const OF_BLUE = "/proc/sys/net/ipv4/conf/blue/arp_ignore";
const RP_FILTER = "/proc/sys/net/ipv4/conf/eth0/rp_filter";

/** Files in memory; `refuse` makes writes to a path fail. */
class MemoryFiles implements SettingFiles {
  readonly contents = new Map([
    [ARP_IGNORE, "0"],
    [RP_FILTER, "1"],
  ]);
  readonly refuse = new Map<string, number>();
  beforeWrite: () => void = () => {};

  readFiles(paths: readonly string[]): (string | number)[] {
    return paths.map((path) => this.contents.get(path) ?? ENOENT);
  }

  writeFile(path: string, text: string): number {
    this.beforeWrite();
    const errno = this.refuse.get(path) ?? (this.contents.has(path) ? 0 : ENOENT);
    if (errno === 0) this.contents.set(path, text);
    return errno;
  }
}

const ORIGIN = originOf("41", "/proc/self/ns/net");

const link = (index: number, name: string, hardwareAddress: string) => ({ index, name, hardwareAddress }) as Link;
const ETH0 = link(2, "eth0", "02:00:00:00:00:01");

const KEYS = ["ipv4.arp_ignore", "ipv4.rp_filter"];

describe("kernel settings", () => {
  let directory: string;
  let keptIn: string;
  let files: MemoryFiles;
  let links: Link[];
  let failures: string[];
  let recoveries: string[];

  function settingsAt(path = keptIn, origin = ORIGIN): Settings {
    const listener = {
      failed: (text: string) => failures.push(text),
      recovered: (text: string) => recoveries.push(text),
    };
    const findLink = (index: number) => links.find((one) => one.index === index) ?? null;
    return new Settings(files, findLink, { path, origin }, listener);
  }

  const kept = (path = keptIn) => JSON.parse(readFileSync(path, "utf8"));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ipmp-settings-"));
    keptIn = join(directory, "state", "settings.json");
    files = new MemoryFiles();
    links = [ETH0];
    failures = [];
    recoveries = [];
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it("finds the file of a link's and of a namespace's setting", () => {
    assert.equal(settingPath("eth0", "ipv4.arp_ignore"), ARP_IGNORE);
    assert.equal(settingPath("eth0.7", "ipv6.accept_ra"), "/proc/sys/net/ipv6/conf/eth0.7/accept_ra");
    assert.equal(settingPath("", "ipv4.nexthop_compat_mode"), "/proc/sys/net/ipv4/nexthop_compat_mode");
  });

  it("knows no path out of its folders", () => {
    for (const link of ["..", ".", "a/b", "../all", "a\0b"])
      assert.equal(settingPath(link, "ipv4.arp_ignore"), undefined);
    for (const key of ["arp_ignore", "ipv5.x", "ipv4.", "ipv4.a/b", "ipv4.a.b"]) {
      assert.equal(settingPath("eth0", key), undefined);
    }
  });

  it("has the old value on disk before the new one is in force", () => {
    let seen = "";
    files.beforeWrite = () => {
      seen = readFileSync(keptIn, "utf8");
    };
    assert.deepEqual(settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1"), { ok: true });
    assert.deepEqual(JSON.parse(seen).oldValues, { 2: { "ipv4.arp_ignore": "0" } });
    assert.deepEqual(JSON.parse(seen).links, { 2: { name: "eth0", hardwareAddress: ETH0.hardwareAddress } });
    assert.equal(existsSync(`${keptIn}.new`), false);
  });

  it("keeps the first old value, across a restart, too", () => {
    settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1");
    const restarted = settingsAt();
    restarted.set("eth0", 2, "ipv4.arp_ignore", "2");
    assert.deepEqual(restarted.restore(2, KEYS), { ok: true });
    assert.equal(files.contents.get(ARP_IGNORE), "0");
  });

  it("forgets what it has put back", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    settings.restore(2, KEYS);
    files.contents.set(ARP_IGNORE, "8");
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
    assert.equal(files.contents.get(ARP_IGNORE), "8");
    assert.equal(existsSync(keptIn), false);
  });

  it("takes a link that is gone for restored", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    files.contents.clear();
    links = [];
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
  });

  it("takes a setting that is gone from its link for restored", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    files.contents.delete(ARP_IGNORE);
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
    assert.equal(existsSync(keptIn), false);
  });

  it("puts values back to the link that they are of, under its new name, and not to one that has the old name", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    links = [link(2, "blue", ETH0.hardwareAddress), link(3, "eth0", "02:00:00:00:00:03")];
    files.contents.set(ARP_IGNORE, "8").set(OF_BLUE, "1");
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
    assert.deepEqual([files.contents.get(ARP_IGNORE), files.contents.get(OF_BLUE)], ["8", "0"]);
    assert.equal(existsSync(keptIn), false);
  });

  it("follows a link that is renamed while it writes", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    files.contents.set(OF_BLUE, "1");
    files.beforeWrite = () => {
      links = [link(2, "blue", ETH0.hardwareAddress)];
      files.contents.delete(ARP_IGNORE);
    };
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
    assert.equal(files.contents.get(OF_BLUE), "0");
  });

  it("keeps the values of a link whose name never rests", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    let renames = 0;
    files.beforeWrite = () => {
      links = [link(2, `eth${++renames}`, ETH0.hardwareAddress)];
    };
    const outcome = settings.restore(2, KEYS);
    assert.equal(outcome.ok ? "" : outcome.code, "EAGAIN");
    assert.deepEqual(kept().oldValues, { 2: { "ipv4.arp_ignore": "0" } });
  });

  it("puts nothing back to another link with the same index", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    links = [link(2, "blue", "02:00:00:00:00:07")];
    files.contents.set(OF_BLUE, "1");
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
    assert.equal(files.contents.get(OF_BLUE), "1");
  });

  it("changes nothing of another link that has the name by now", () => {
    links = [link(2, "blue", ETH0.hardwareAddress), link(3, "eth0", "02:00:00:00:00:03")];
    const outcome = settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1");
    assert.equal(outcome.ok ? "" : outcome.code, "ENODEV");
    assert.equal(files.contents.get(ARP_IGNORE), "0");
    assert.equal(existsSync(keptIn), false);
  });

  it("puts back the namespace's own settings, which have no link", () => {
    const path = "/proc/sys/net/ipv4/nexthop_compat_mode";
    files.contents.set(path, "1");
    const settings = settingsAt();
    settings.set("", 0, "ipv4.nexthop_compat_mode", "0");
    assert.equal(files.contents.get(path), "0");
    assert.deepEqual(settings.restore(0, ["ipv4.nexthop_compat_mode"]), { ok: true });
    assert.equal(files.contents.get(path), "1");
  });

  it("goes on restoring after a refusal, tells of it, and keeps that value", () => {
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    settings.set("eth0", 2, "ipv4.rp_filter", "2");
    files.refuse.set(ARP_IGNORE, EACCES);
    const outcome = settings.restore(2, KEYS);
    assert.deepEqual(outcome, { ok: false, errno: EACCES, code: "EACCES", text: `writing "0" to ${ARP_IGNORE}` });
    assert.equal(files.contents.get(RP_FILTER), "1");
    files.refuse.clear();
    assert.deepEqual(settings.restore(2, KEYS), { ok: true });
    assert.equal(files.contents.get(ARP_IGNORE), "0");
  });

  it("works without a place for old values, knows them itself, and says it once", () => {
    for (const path of ["/proc/no-such-folder/settings.json", "/proc/settings.json"]) {
      files = new MemoryFiles();
      failures = [];
      const settings = settingsAt(path);
      assert.deepEqual(settings.set("eth0", 2, "ipv4.arp_ignore", "1"), { ok: true });
      assert.deepEqual(settings.set("eth0", 2, "ipv4.rp_filter", "2"), { ok: true });
      assert.deepEqual(settings.kept([ETH0]), [{ index: 2, keys: KEYS }]);
      assert.deepEqual(settings.restore(2, KEYS), { ok: true });
      assert.equal(files.contents.get(ARP_IGNORE), "0");
      assert.equal(failures.length, 1);
      assert.ok(failures[0]?.startsWith(`The record of sysctl values from before us can not be kept in ${path}: `));
    }
  });

  it("writes old values down as soon as that is possible again", () => {
    const folder = join(directory, "state");
    writeFileSync(folder, "a file where the folder should be");
    const settings = settingsAt();
    settings.set("eth0", 2, "ipv4.rp_filter", "2");
    settings.tryAgain();
    assert.deepEqual([failures.length, recoveries.length], [1, 0]);
    rmSync(folder);
    settings.tryAgain();
    assert.deepEqual(kept().oldValues, { 2: { "ipv4.rp_filter": "1" } });
    assert.deepEqual(recoveries, [`The record of sysctl values from before us can be kept in ${keptIn} again, and is`]);
    settings.tryAgain();
    assert.equal(recoveries.length, 1);
  });

  it("lists what is there and leaves out what is not", () => {
    const values = settingsAt().values(["eth0", "absent", "../bad"]);
    const ofCard = { "eth0/ipv4.arp_ignore": "0", "eth0/ipv4.rp_filter": "1" };
    assert.deepEqual(values, { ...ofCard, "eth0/ipv6.disable_ipv6": "none" });
  });

  it("tells of every link that is there whether it may have IPv6", () => {
    const settings = settingsAt();
    const isDisabled = () => settings.values(["eth0"])["eth0/ipv6.disable_ipv6"];
    assert.equal(isDisabled(), "none", "a kernel without IPv6 has no such file");
    for (const value of ["0", "1"]) {
      files.contents.set("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", value);
      assert.equal(isDisabled(), value);
    }
  });

  it("forgets what was kept before a reboot, which put everything back", () => {
    settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1");
    writeFileSync(keptIn, JSON.stringify({ ...kept(), bootId: "another" }));
    assert.deepEqual(settingsAt().kept([ETH0]), []);
  });

  it("is not misled by another namespace with the same number", () => {
    settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1");
    assert.deepEqual(settingsAt(keptIn, { ...ORIGIN, namespace: "42" }).kept([ETH0]), []);
    assert.deepEqual(settingsAt().kept([ETH0]), [{ index: 2, keys: ["ipv4.arp_ignore"] }]);
  });

  it("is not misled by another link with the same index", () => {
    settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1");
    for (const same of [ETH0, link(2, "renamed", ETH0.hardwareAddress), link(2, "eth0", "02:00:00:00:00:99")]) {
      assert.deepEqual(settingsAt().kept([same]), [{ index: 2, keys: ["ipv4.arp_ignore"] }]);
    }
    assert.deepEqual(settingsAt().kept([]), [{ index: 2, keys: ["ipv4.arp_ignore"] }], "not seen yet");
    assert.deepEqual(settingsAt().kept([link(2, "eth7", "02:00:00:00:00:07")]), []);
  });

  it("takes over what an earlier version wrote in this namespace", () => {
    settingsAt().set("eth0", 2, "ipv4.arp_ignore", "1");
    const { namespace: _, links: __, ...former } = kept();
    writeFileSync(keptIn, JSON.stringify(former));
    const written = { ...ORIGIN, sinceMs: Date.now() - 3_600_000 };
    assert.deepEqual(settingsAt(keptIn, written).kept([ETH0]), [{ index: 2, keys: ["ipv4.arp_ignore"] }]);
    assert.deepEqual(settingsAt(keptIn, { ...ORIGIN, sinceMs: Date.now() + 3_600_000 }).kept([ETH0]), []);
  });

  for (const [what, content] of [
    ["empty", ""],
    ["torn", "{"],
    ["a list", "[]"],
    ["of another version", '{"version":2,"oldValues":{}}'],
    ["without a boot", '{"version":1,"oldValues":{}}'],
    ["with a number for a value", '{"version":1,"bootId":"b","oldValues":{"2":{"k":7}}}'],
    ["with a link that has no name", '{"version":1,"bootId":"b","oldValues":{},"links":{"2":{}}}'],
  ] as const) {
    it(`begins anew where its file is ${what}, and puts that aside`, () => {
      mkdirSync(join(directory, "state"));
      writeFileSync(keptIn, content);
      const settings = settingsAt();
      assert.equal(readFileSync(`${keptIn}.bad`, "utf8"), content);
      assert.equal(failures.length, 1);
      assert.match(failures[0] ?? "", /settings\.json is not understood: .*put aside as .*settings\.json\.bad\./);
      settings.set("eth0", 2, "ipv4.arp_ignore", "1");
      assert.deepEqual(kept().oldValues, { 2: { "ipv4.arp_ignore": "0" } });
    });
  }
});
