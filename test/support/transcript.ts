/**
 * Tests as transcripts: a text file of commands, each followed by `----` and what came of it, up to an empty line.
 * The run must reproduce the file. UPDATE_TRANSCRIPTS=1 writes the new text instead, to be reviewed as a diff.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

/** One command with the lines that belong to it and the output expected of it. */
interface Exchange {
  /** Comments and empty lines that precede the command, kept as they are. */
  readonly preamble: readonly string[];
  readonly input: readonly string[];
}

export type Interpreter = (input: readonly string[]) => readonly string[];

const SEPARATOR = "----";

/**
 * Runs the commands of `path` through `interpret` and compares, or rewrites the file.
 * @throws {assert.AssertionError} with a diff where the output differs from the file.
 */
export function checkTranscript(path: string, interpret: Interpreter): void {
  const expected = readFileSync(path, "utf8");
  const actual = replay(expected, interpret);
  if (process.env.UPDATE_TRANSCRIPTS === "1") writeFileSync(path, actual);
  else assert.equal(actual, expected, `${path} differs; run with UPDATE_TRANSCRIPTS=1 and review the diff`);
}

/** The text of the file with every output replaced by what `interpret` gives now. */
export function replay(text: string, interpret: Interpreter): string {
  const { exchanges, rest } = parse(text);
  const blocks = exchanges.map(({ preamble, input }) =>
    [...preamble, ...input, SEPARATOR, ...interpret(input), ""].join("\n"),
  );
  return `${[...blocks, ...rest].join("\n").trimEnd()}\n`;
}

function parse(text: string): { exchanges: readonly Exchange[]; rest: readonly string[] } {
  const exchanges: Exchange[] = [];
  let preamble: string[] = [];
  let input: string[] = [];
  let inOutput = false;
  for (const line of text.split("\n")) {
    if (inOutput) inOutput = line !== "";
    else if (line === SEPARATOR) {
      exchanges.push({ preamble, input });
      [preamble, input, inOutput] = [[], [], true];
    } else if (input.length === 0 && (line === "" || line.startsWith("#"))) preamble.push(line);
    else if (line !== "") input.push(line);
  }
  assert.deepEqual(input, [], `a command without ${SEPARATOR} below it`);
  return { exchanges, rest: preamble };
}
