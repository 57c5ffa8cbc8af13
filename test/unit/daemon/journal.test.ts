import assert from "node:assert/strict";
import { closeSync, fstatSync, openSync } from "node:fs";
import { isJournal } from "../../../src/daemon/journal.ts";

describe("the journal as standard error", () => {
  const descriptor = openSync("/dev/null", "r");
  const { dev, ino } = fstatSync(descriptor);
  after(() => closeSync(descriptor));

  it("is what JOURNAL_STREAM names by device and inode", () => {
    assert.equal(isJournal(`${dev}:${ino}`, descriptor), true);
  });

  it("is not what somebody has redirected, nor what is closed, nor anything where no service manager speaks", () => {
    assert.equal(isJournal(`${dev}:${ino + 1}`, descriptor), false);
    assert.equal(isJournal(`${dev + 1}:${ino}`, descriptor), false);
    assert.equal(isJournal(`${dev}:${ino}`, 2 ** 20), false);
    assert.equal(isJournal(undefined, descriptor), false);
    assert.equal(isJournal("", descriptor), false);
  });
});
