import assert from "node:assert/strict";
import { LogOutput } from "../../../src/host/log-output.ts";
import { waitFor } from "../../support/wait-for.ts";

/** Takes what there is room for, or throws. */
class Reader {
  room = Number.POSITIVE_INFINITY;
  error: Error | undefined;
  text = "";

  readonly take = (bytes: Uint8Array, offset: number): number => {
    if (this.error !== undefined) throw this.error;
    const taken = Math.min(this.room, bytes.length - offset);
    this.room -= taken;
    this.text += Buffer.from(bytes.subarray(offset, offset + taken)).toString();
    return taken;
  };
}

const lossText = (lines: number, why: string) => `${lines} lost: ${why}\n`;
const KIBIBYTE = `${"x".repeat(1023)}\n`;

describe("log output", () => {
  it("writes at once what is taken", () => {
    const reader = new Reader();
    const output = new LogOutput(reader.take, lossText);
    output.write("one\n");
    output.write("two\n");
    assert.equal(reader.text, "one\ntwo\n");
  });

  it("keeps what is not taken, in order, and goes on within a line", async () => {
    const reader = new Reader();
    reader.room = 2;
    const output = new LogOutput(reader.take, lossText);
    for (const line of ["one\n", "two\n"]) output.write(line);
    assert.equal(reader.text, "on");
    reader.room = Number.POSITIVE_INFINITY;
    await output.finish(10_000);
    assert.equal(reader.text, "one\ntwo\n");
  });

  it("keeps 256 KiB where nobody reads; what is beyond it is counted, and told once when somebody does", async () => {
    const reader = new Reader();
    reader.room = 0;
    const output = new LogOutput(reader.take, lossText);
    for (let i = 0; i < 256 + 44; i++) output.write(KIBIBYTE);
    reader.room = Number.POSITIVE_INFINITY;
    await waitFor(
      "the lines",
      () => reader.text,
      (text) => text.endsWith("44 lost: nobody reads standard error\n"),
    );
    output.write("next\n");
    assert.equal(reader.text, `${KIBIBYTE.repeat(256)}44 lost: nobody reads standard error\nnext\n`);
  });

  it("loses one stretch of lines, though some of them would have found room again", async () => {
    const reader = new Reader();
    reader.room = 0;
    const output = new LogOutput(reader.take, lossText);
    for (let i = 0; i < 257; i++) output.write(KIBIBYTE);
    output.write("short\n");
    reader.room = Number.POSITIVE_INFINITY;
    await output.finish(10_000);
    assert.equal(reader.text, `${KIBIBYTE.repeat(256)}2 lost: nobody reads standard error\n`);
  });

  it("tells with the next line how many were refused, those too of which it could not tell", () => {
    const reader = new Reader();
    reader.error = new Error("the disk is full");
    const output = new LogOutput(reader.take, lossText);
    for (const line of ["one\n", "two\n", "three\n"]) output.write(line);
    reader.error = undefined;
    output.write("four\n");
    assert.equal(reader.text, "3 lost: standard error did not take them (the disk is full)\nfour\n");
  });

  it("ends in time though nobody reads", async () => {
    const reader = new Reader();
    reader.room = 0;
    const output = new LogOutput(reader.take, lossText);
    output.write("one\n");
    await output.finish(30);
    assert.equal(reader.text, "");
  });
});
