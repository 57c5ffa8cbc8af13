/** Transcripts kept beside the tests. IPMP_GOLDEN=write writes them anew; read the difference before committing it. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { ipmpstat, type Surroundings } from "../../../src/cli/ipmpstat-command.ts";
import { ControlError } from "../../../src/control/client.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { PROBES, STARTED_AT_MS } from "./probes.ts";

const FOLDER = new URL("../../golden/ipmpstat/", import.meta.url);

/** Compares with test/golden/ipmpstat/NAME.txt, exactly. */
export function compareGolden(name: string, text: string): void {
  const file = new URL(`${name}.txt`, FOLDER);
  if (process.env.IPMP_GOLDEN === "write") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, "utf8"));
}

export interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs ipmpstat on a picture, or against a daemon that gives an error. */
export async function run(
  words: readonly string[],
  picture: Snapshot | ControlError,
  world: Partial<Surroundings> = {},
): Promise<Outcome> {
  let output = "";
  let errors = "";
  const status = await ipmpstat(words, {
    snapshot: async () => {
      if (picture instanceof ControlError) throw picture;
      return picture;
    },
    probes: async function* () {
      yield* PROBES;
    },
    startedAtMs: STARTED_AT_MS,
    hostNames: async () => new Map(),
    screenRows: () => undefined,
    version: () => "1.2.3",
    write: (text) => {
      output += text;
    },
    complain: (text) => {
      errors += text;
    },
    ...world,
  });
  return { status, output, errors };
}

/** The same as a piece of transcript. */
export async function transcript(line: string, picture: Snapshot | ControlError): Promise<string> {
  const { status, output, errors } = await run(line.split(" ").filter(Boolean), picture);
  return `$ ${`ipmpstat ${line}`.trimEnd()}\n${errors}${output}${status === 0 ? "" : `(exit status ${status})\n`}\n`;
}
