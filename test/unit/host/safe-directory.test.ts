import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSafeDirectory, requireSafeDirectory, UnsafeDirectoryError } from "../../../src/host/safe-directory.ts";
import { skipBecause } from "../../support/skip.ts";

const NOBODY = 65534;

/** In words that a person can act upon: place, what was found, remedy. */
const refuses = (place: string, found: string) => (error: unknown) =>
  error instanceof UnsafeDirectoryError &&
  error.message.startsWith(`${place} ${found}`) &&
  /: .*(remove|chmod|chown|move|name|choose)/.test(error.message);

describe("a safe directory", () => {
  let home: string;

  beforeEach(() => {
    // In a directory that everybody may write, as /tmp and in some containers /run are: mkdtemp makes ours with 0700.
    home = mkdtempSync(join(tmpdir(), "ipmp-safe-"));
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** A directory at this place below home, with all above it. */
  function directory(path: string, mode = 0o755): string {
    const place = join(home, path);
    mkdirSync(place, { recursive: true });
    chmodSync(place, mode);
    return place;
  }

  it("is made, 0755 whatever the umask", () => {
    for (const umask of [0, 0o022, 0o077]) {
      const before = process.umask(umask);
      try {
        const place = join(home, `made-${umask}`);
        makeSafeDirectory(place);
        assert.equal(statSync(place).mode & 0o7777, 0o755);
        makeSafeDirectory(`${place}/`);
      } finally {
        process.umask(before);
      }
    }
  });

  it("may be closed to others, and stays so", () => {
    const place = directory("closed", 0o700);
    makeSafeDirectory(place);
    assert.equal(statSync(place).mode & 0o7777, 0o700);
  });

  it("is not one that others may write", () => {
    for (const mode of [0o775, 0o757, 0o777, 0o1777, 0o2775]) {
      const place = directory(`open-${mode.toString(8)}`, mode);
      const found = `may be written by others (mode ${mode.toString(8).padStart(4, "0")})`;
      assert.throws(() => requireSafeDirectory(place), refuses(place, found));
      assert.throws(() => makeSafeDirectory(place), refuses(place, found));
    }
  });

  it("is not below one that others may write, unless they can not exchange what is ours there", () => {
    const open = directory("open", 0o777);
    const below = directory("open/a/b");
    assert.throws(() => requireSafeDirectory(below), refuses(open, "may be written by others"));
    assert.throws(() => makeSafeDirectory(join(open, "new")), refuses(open, "may be written by others"));
    chmodSync(open, 0o1777);
    requireSafeDirectory(below);
    makeSafeDirectory(join(open, "new"));
  });

  it("is not a symbolic link, nor a file", () => {
    const link = join(home, "link");
    symlinkSync(directory("real"), link);
    for (const name of [link, `${link}/`]) {
      assert.throws(() => makeSafeDirectory(name), refuses(link, "is a symbolic link"));
    }
    const dangling = join(home, "dangling");
    symlinkSync(join(home, "nothing"), dangling);
    assert.throws(() => makeSafeDirectory(dangling), refuses(dangling, "is a symbolic link"));
    const file = join(home, "file");
    writeFileSync(file, "mine");
    assert.throws(() => makeSafeDirectory(file), refuses(file, "is no directory"));
  });

  it("may be reached by a link of ours, as /var/run is one, if the way there is safe", () => {
    symlinkSync("real", join(home, "run"));
    directory("real");
    makeSafeDirectory(join(home, "run", "ipmp"));
    assert.ok(statSync(join(home, "real", "ipmp")).isDirectory());
    const open = directory("elsewhere", 0o777);
    symlinkSync(directory("elsewhere/deep"), join(home, "detour"));
    assert.throws(() => makeSafeDirectory(join(home, "detour", "ipmp")), refuses(open, "may be written by others"));
    symlinkSync("circle", join(home, "circle"));
    assert.throws(
      () => makeSafeDirectory(join(home, "circle", "ipmp")),
      refuses(join(home, "circle"), "is a symbolic"),
    );
  });

  it("belongs to us or to root, and so does everything above it", function () {
    if (process.getuid?.() !== 0) skipBecause(this, "giving a directory to somebody else needs root");
    const theirs = directory("theirs");
    const below = directory("theirs/below");
    chownSync(theirs, NOBODY, NOBODY);
    const found = `belongs to user ${NOBODY}`;
    for (const place of [theirs, below, join(theirs, "new")]) {
      assert.throws(() => makeSafeDirectory(place), refuses(theirs, found));
    }
    const sticky = directory("sticky", 0o1777);
    chownSync(sticky, NOBODY, NOBODY);
    assert.throws(() => makeSafeDirectory(join(sticky, "new")), refuses(sticky, found));
  });

  it("leaves what is missing above it, and what can not hold it, to the words of the system", () => {
    assert.throws(() => makeSafeDirectory(join(home, "missing", "ipmp")), { code: "ENOENT" });
    assert.throws(() => makeSafeDirectory("/proc/ipmp"), { code: "ENOENT" });
    assert.throws(() => requireSafeDirectory(join(home, "missing")), { code: "ENOENT" });
  });
});
