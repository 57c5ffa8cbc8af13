import assert from "node:assert/strict";
import { getopt, type OptionToken } from "../../../src/cli/getopt.ts";

const SYNTAX = { flags: "an", valued: "o", long: ["json"] };
const parse = (...words: string[]) => getopt(words, SYNTAX);
const option = (name: string, value = ""): OptionToken => ({ kind: "option", name, value });

describe("getopt", () => {
  it("takes clusters apart", () => {
    assert.deepEqual(parse("-an"), { tokens: [option("a"), option("n")], operands: [] });
  });

  it("takes values attached, apart, and at the end of a cluster", () => {
    assert.deepEqual(parse("-oX").tokens, [option("o", "X")]);
    assert.deepEqual(parse("-o", "X").tokens, [option("o", "X")]);
    assert.deepEqual(parse("-no", "-a").tokens, [option("n"), option("o", "-a")]);
  });

  it("ends at the first operand and at --", () => {
    assert.deepEqual(parse("-a", "x", "-n"), { tokens: [option("a")], operands: ["x", "-n"] });
    assert.deepEqual(parse("-a", "--", "-n"), { tokens: [option("a")], operands: ["-n"] });
    assert.deepEqual(parse("-"), { tokens: [], operands: ["-"] });
  });

  it("keeps repetitions and order", () => {
    assert.deepEqual(parse("-a", "--json", "-a").tokens, [option("a"), option("json"), option("a")]);
  });

  it("stops at a fault", () => {
    const fault = (text: string) => ({ kind: "fault", text });
    assert.deepEqual(parse("-axn").tokens, [option("a"), fault("illegal option -- x")]);
    assert.deepEqual(parse("--nope", "-a").tokens, [fault("illegal option -- nope")]);
    assert.deepEqual(parse("--\u001b[31mx").tokens, [fault("illegal option -- \\u{1b}[31mx")]);
    assert.deepEqual(parse("-o").tokens, [fault("option requires an argument -- o")]);
  });
});
