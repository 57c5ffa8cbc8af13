import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nonBlocking } from "../../../src/daemon/standard-error.ts";

describe("what takes the lines", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "ipmp-output-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it("never waits at a full pipe, which stays blocking for others", () => {
    const pipe = join(directory, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(pipe, constants.O_WRONLY);
    try {
      const take = nonBlocking(writer);
      const bytes = Buffer.alloc(4096, "x");
      let taken = 0;
      for (let last = take(bytes, 0); last > 0; last = take(bytes, 0)) taken += last;
      assert.ok(taken >= 4096, `${taken}`);
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${writer}`, "utf8"))?.[1] ?? "";
      assert.equal(Number.parseInt(flags, 8) & constants.O_NONBLOCK, 0);
      readSync(reader, Buffer.alloc(8192));
      assert.equal(take(bytes, 4000), 96);
    } finally {
      closeSync(writer);
      closeSync(reader);
    }
  });

  it("refuses where nobody has the pipe open, and goes on when somebody has", () => {
    const pipe = join(directory, "pipe");
    execFileSync("mkfifo", [pipe]);
    const open = () => openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const first = open();
    const writer = openSync(pipe, constants.O_WRONLY);
    closeSync(first);
    try {
      const take = nonBlocking(writer);
      assert.throws(() => take(Buffer.from("x"), 0), { code: "ENXIO" });
      const second = open();
      assert.equal(take(Buffer.from("xyz"), 1), 2);
      closeSync(second);
    } finally {
      closeSync(writer);
    }
  });

  it("writes into files", () => {
    const path = join(directory, "file");
    const file = openSync(path, "a");
    assert.equal(nonBlocking(file)(Buffer.from("one\n"), 1), 3);
    closeSync(file);
    assert.equal(readFileSync(path, "utf8"), "ne\n");
  });
});
