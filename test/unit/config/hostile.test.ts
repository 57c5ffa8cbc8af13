/** A megabyte of rubbish is refused at a place, soon, and without ending the process. */
import assert from "node:assert/strict";
import { parseConfiguration } from "../../../src/config/index.ts";

const MEBI = 1024 * 1024;
const repeated = (piece: string) => piece.repeat(Math.floor(MEBI / piece.length));
const listed = (count: number, item: (index: number) => string) => Array.from({ length: count }, (_, i) => item(i));

const RUBBISH: Readonly<Record<string, string>> = {
  "open brackets": repeated("["),
  "brackets closed within quotes": repeated(`["]",`),
  "pairs of brackets": repeated("[]"),
  "lists within a line": repeated("- "),
  "explicit keys within a line": repeated("? "),
  "lists with anchors": repeated("- &a "),
  "deep indentation": listed(1400, (depth) => `${" ".repeat(depth)}a:`).join("\n"),
  anchors: repeated("&a "),
  tags: repeated("!a "),
  commas: `[${",".repeat(MEBI - 2)}]`,
  "an open quotation": `"${"a".repeat(MEBI - 1)}`,
  "empty lines": repeated("\n"),
  "duplicate keys": repeated("a: 1\n"),
  "unknown keys": listed(10_000, (index) => `key${index}: 1`).join("\n"),
  "too large": `groups: {} #${repeated(" ")}`,
};

describe("hostile configurations", () => {
  for (const [name, text] of Object.entries(RUBBISH)) {
    it(`refuses ${name}`, () => {
      const { problems } = parseConfiguration(text, "x.yaml");
      assert.ok(problems.length > 0 && problems.length <= 101, `found ${problems.length} problems`);
      assert.ok(problems.every((problem) => problem.text.length < 400));
    });
  }
});
