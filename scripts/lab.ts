/** Shows failovers in a private laboratory (`demonstrate`), or leaves that open (`keep`). Started by start.sh. */
import { enterSandbox } from "../test/support/sandbox.ts";
import { demonstrate } from "./lab/demonstration.ts";
import { keep } from "./lab/keep.ts";
import { Terminal } from "./lab/terminal.ts";

const SCENES: Readonly<Record<string, (terminal: Terminal) => Promise<boolean>>> = { demonstrate, keep };
const INTERRUPTED = 130;
const FAILED = 1;
const WRONG_WORDS = 2;

async function main(): Promise<number> {
  const scene = SCENES[process.argv[2] ?? "demonstrate"];
  if (scene === undefined) {
    console.error(`lab.ts shows ${Object.keys(SCENES).join(" or ")}, not ${process.argv[2]}`);
    return WRONG_WORDS;
  }
  const refusal = await enterSandbox();
  if (refusal !== undefined) {
    console.error(refusal);
    return FAILED;
  }
  const terminal = new Terminal();
  // The sandbox ends with us, and with it everything in there: there is nothing to tidy up.
  process.once("SIGINT", () => {
    terminal.line("\nInterrupted. The laboratory is gone; nothing is left.");
    process.exit(INTERRUPTED);
  });
  return (await scene(terminal)) ? 0 : FAILED;
}

main().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(`\nThe laboratory failed: ${error.message}`);
    process.exit(FAILED);
  },
);
