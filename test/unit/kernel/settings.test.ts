import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { KernelError } from "../../../src/kernel/errors.ts";
import { type SettingFiles, Settings, settingPath } from "../../../src/kernel/settings.ts";

const { EACCES, ENOENT } = constants.errno;
const ARP_IGNORE = "/proc/sys/net/ipv4/conf/eth0/arp_ignore";
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

const KEYS = ["ipv4.arp_ignore", "ipv4.rp_filter"];

describe("kernel settings", () => {
  let directory: string;
  let keptIn: string;
  let files: MemoryFiles;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ipmp-settings-"));
    keptIn = join(directory, "state", "settings.json");
    files = new MemoryFiles();
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
    assert.deepEqual(new Settings(files, keptIn).set("eth0", 2, "ipv4.arp_ignore", "1"), { ok: true });
    assert.deepEqual(JSON.parse(seen).oldValues, { 2: { "ipv4.arp_ignore": "0" } });
    assert.equal(existsSync(`${keptIn}.new`), false);
  });

  it("keeps the first old value, across a restart, too", () => {
    new Settings(files, keptIn).set("eth0", 2, "ipv4.arp_ignore", "1");
    const restarted = new Settings(files, keptIn);
    restarted.set("eth0", 2, "ipv4.arp_ignore", "2");
    assert.deepEqual(restarted.restore("eth0", 2, KEYS), { ok: true });
    assert.equal(files.contents.get(ARP_IGNORE), "0");
  });

  it("forgets what it has put back", () => {
    const settings = new Settings(files, keptIn);
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    settings.restore("eth0", 2, KEYS);
    files.contents.set(ARP_IGNORE, "8");
    assert.deepEqual(settings.restore("eth0", 2, KEYS), { ok: true });
    assert.equal(files.contents.get(ARP_IGNORE), "8");
    assert.deepEqual(JSON.parse(readFileSync(keptIn, "utf8")).oldValues, {});
  });

  it("takes a link that is gone for restored", () => {
    const settings = new Settings(files, keptIn);
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    files.contents.clear();
    assert.deepEqual(settings.restore("eth0", 2, KEYS), { ok: true });
  });

  it("goes on restoring after a refusal, tells of it, and keeps that value", () => {
    const settings = new Settings(files, keptIn);
    settings.set("eth0", 2, "ipv4.arp_ignore", "1");
    settings.set("eth0", 2, "ipv4.rp_filter", "2");
    files.refuse.set(ARP_IGNORE, EACCES);
    const outcome = settings.restore("eth0", 2, KEYS);
    assert.deepEqual(outcome, { ok: false, errno: EACCES, code: "EACCES", text: `writing "0" to ${ARP_IGNORE}` });
    assert.equal(files.contents.get(RP_FILTER), "1");
    files.refuse.clear();
    assert.deepEqual(settings.restore("eth0", 2, KEYS), { ok: true });
    assert.equal(files.contents.get(ARP_IGNORE), "0");
  });

  it("refuses to begin where nothing can be kept, saying where", () => {
    for (const path of ["/proc/no-such-folder/settings.json", "/proc/settings.json"]) {
      assert.throws(
        () => new Settings(files, path),
        (error) => error instanceof KernelError && error.code === "KERNEL_STATE_FILE" && error.message.includes(path),
      );
    }
  });

  it("changes nothing where the old value can not be kept any more", () => {
    const folder = join(directory, "later");
    const settings = new Settings(files, join(folder, "settings.json"));
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file where the folder should be");
    const refused = settings.set("eth0", 2, "ipv4.rp_filter", "2");
    assert.equal(refused.ok ? "" : refused.code, "EIO");
    assert.equal(files.contents.get(RP_FILTER), "1");
  });

  it("lists what is there and leaves out what is not", () => {
    const values = new Settings(files, keptIn).values(["eth0", "absent", "../bad"]);
    const ofCard = { "eth0/ipv4.arp_ignore": "0", "eth0/ipv4.rp_filter": "1" };
    assert.deepEqual(values, { ...ofCard, "eth0/ipv6.disable_ipv6": "1" });
  });

  it("tells of every link that is there whether it may have IPv6", () => {
    const settings = new Settings(files, keptIn);
    const isDisabled = () => settings.values(["eth0"])["eth0/ipv6.disable_ipv6"];
    assert.equal(isDisabled(), "1", "a kernel without IPv6 has no such file");
    for (const value of ["0", "1"]) {
      files.contents.set("/proc/sys/net/ipv6/conf/eth0/disable_ipv6", value);
      assert.equal(isDisabled(), value);
    }
  });

  it("forgets what was kept before a reboot, which put everything back", () => {
    new Settings(files, keptIn).set("eth0", 2, "ipv4.arp_ignore", "1");
    const kept = JSON.parse(readFileSync(keptIn, "utf8"));
    writeFileSync(keptIn, JSON.stringify({ ...kept, bootId: "another" }));
    assert.deepEqual(new Settings(files, keptIn).kept(), []);
  });

  it("refuses a state file that it does not understand, naming it", () => {
    const path = join(directory, "broken.json");
    for (const content of ["{", "[]", '{"version":2,"oldValues":{}}', '{"version":1,"oldValues":{"2":{"k":7}}}']) {
      writeFileSync(path, content);
      assert.throws(
        () => new Settings(files, path),
        (error) => error instanceof KernelError && error.code === "KERNEL_STATE_FILE" && error.message.includes(path),
      );
    }
  });
});
