#!/usr/bin/env node
/** ipmpd: loads the daemon's command line, where there is enough to do it with. */
import { shortageAhead, shortageText } from "../host/shortage.ts";

function fail(sentence: string): void {
  process.stderr.write(`ipmpd: ${sentence}\n`);
  process.exitCode = 1;
}

const missing = shortageAhead();
if (missing !== undefined) fail(missing);
else {
  try {
    await import("./ipmpd-command.ts");
  } catch (error) {
    const sentence = shortageText(error);
    if (sentence === undefined) throw error;
    fail(sentence);
  }
}
