import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateFile } from "../../../src/host/state-file.ts";
import { skipBecause } from "../../support/skip.ts";

const WORDS = { holds: "The list", lost: "It is made anew", unkept: "it is forgotten" };

describe("a file of state", () => {
  let directory: string;
  let folder: string;
  let path: string;
  let failures: string[];
  let recoveries: string[];
  let file: StateFile;

  const open = () =>
    new StateFile(path, WORDS, {
      failed: (text) => failures.push(text),
      recovered: (text) => recoveries.push(text),
    });
  const read = () => file.read((text) => text);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ipmp-state-file-"));
    folder = join(directory, "state");
    path = join(folder, "list.json");
    failures = [];
    recoveries = [];
    file = open();
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("gives back what was written, for its owner only, and leaves no draft", async () => {
    assert.equal(read(), undefined);
    file.write("first");
    assert.equal(read(), "first");
    await file.writeDurably("second");
    assert.equal(read(), "second");
    assert.deepEqual(readdirSync(folder), ["list.json"]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o755);
    assert.deepEqual([failures, recoveries], [[], []]);
  });

  it("is private whatever the umask, and readable by us", async () => {
    for (const umask of [0, 0o777]) {
      const before = process.umask(umask);
      try {
        file = open();
        assert.equal(read(), umask === 0 ? undefined : "second");
        file.write("first");
        assert.equal(statSync(path).mode & 0o777, 0o600);
        await file.writeDurably("second");
        assert.equal(statSync(path).mode & 0o777, 0o600);
        assert.equal(statSync(folder).mode & 0o777, 0o755);
      } finally {
        process.umask(before);
      }
    }
  });

  const WRECKS: Readonly<Record<string, { readonly make: () => void; readonly said: RegExp }>> = {
    "a directory": { make: () => mkdirSync(join(path, "full"), { recursive: true }), said: /found no regular file/ },
    "a pipe": { make: () => execFileSync("mkfifo", [path]), said: /found no regular file/ },
    "a symbolic link": { make: () => symlinkSync(join(directory, "precious"), path), said: /found no regular file/ },
    "a link that leads nowhere": { make: () => symlinkSync("nowhere", path), said: /found no regular file/ },
    "far too large": {
      make: () => {
        writeFileSync(path, "");
        truncateSync(path, 17 * 1024 * 1024);
      },
      said: /found 17825792 bytes, wanted at most 16777216/,
    },
    "open to others": {
      make: () => {
        writeFileSync(path, "x");
        chmodSync(path, 0o666);
      },
      said: /found a file that others may write/,
    },
  };

  for (const [what, { make, said }] of Object.entries(WRECKS)) {
    for (const before of ["nothing", "a file", "a directory"]) {
      it(`is put aside when it is ${what}, where ${before} was put aside before`, async () => {
        writeFileSync(join(directory, "precious"), "untouched");
        read();
        if (before === "a file") writeFileSync(`${path}.bad`, "older");
        if (before === "a directory") mkdirSync(join(`${path}.bad`, "older"), { recursive: true });
        make();
        assert.equal(read(), undefined);
        assert.equal(existsSync(path), false);
        assert.ok(lstatSync(`${path}.bad`));
        assert.equal(failures.length, 1);
        assert.match(failures[0] ?? "", said);
        assert.match(
          failures[0] ?? "",
          /^The list kept in .*list\.json is not understood: .* as .*\.bad\. It is made anew$/,
        );
        await file.writeDurably("new");
        assert.equal(read(), "new");
        assert.equal(readFileSync(join(directory, "precious"), "utf8"), "untouched");
      });
    }
  }

  it("of another user is not believed", function () {
    if (process.geteuid?.() !== 0) skipBecause(this, "only root can give a file to somebody else");
    file.write("mine");
    chownSync(path, 4711, 4711);
    assert.equal(read(), undefined);
    assert.match(failures[0] ?? "", /found a file of user 4711, wanted one of user 0/);
  });

  it("writes through nothing that lies in the place of its draft", async () => {
    const precious = join(directory, "precious");
    writeFileSync(precious, "untouched");
    read();
    const drafts = [
      () => symlinkSync(precious, `${path}.new`),
      () => writeFileSync(`${path}.new`, "half"),
      () => execFileSync("mkfifo", [`${path}.new`]),
      () => mkdirSync(join(`${path}.new`, "full"), { recursive: true }),
    ];
    for (const draft of drafts) {
      draft();
      file.write("first");
      assert.equal(read(), "first");
      draft();
      await file.writeDurably("second");
      assert.equal(read(), "second");
    }
    assert.equal(readFileSync(precious, "utf8"), "untouched");
    assert.deepEqual(readdirSync(folder), ["list.json"]);
  });

  it("is neither read nor written where somebody else could have put it, and says so once", async () => {
    file.write("theirs");
    chmodSync(folder, 0o777);
    file = open();
    assert.equal(read(), undefined);
    file.write("ours");
    await file.writeDurably("ours");
    assert.equal(readFileSync(path, "utf8"), "theirs");
    assert.deepEqual(readdirSync(folder), ["list.json"]);
    assert.equal(failures.length, 1);
    assert.match(failures[0] ?? "", /^The list can not be kept in .*list\.json: .*state may be written by others/);
    assert.match(failures[0] ?? "", /Until it can, it is forgotten/);
    chmodSync(folder, 0o755);
    file.write("ours");
    assert.equal(read(), "ours");
    assert.deepEqual(recoveries, [`The list can be kept in ${path} again, and is`]);
  });

  it("that is wrong and can not be put aside is never written over", () => {
    path = "/proc/sys/kernel/ostype";
    file = open();
    assert.equal(read(), undefined);
    assert.match(
      failures[0] ?? "",
      /can neither be understood \(.*grows.*\) nor put aside \(.*\): remove it\. It is made anew$/,
    );
    const before = readFileSync(path, "utf8");
    file.write("new");
    assert.equal(readFileSync(path, "utf8"), before);
  });

  it("is gone after its removal, with its draft", () => {
    file.write("x");
    writeFileSync(`${path}.new`, "half");
    file.remove();
    file.remove();
    assert.deepEqual([readdirSync(folder), failures], [[], []]);
  });
});
