/** `ipmpadm reload`: the daemon reads its files again. */
import type { ErrorAnswer } from "../control/answers.ts";
import { ControlError } from "../control/client.ts";
import {
  DONE,
  FAILED,
  type Order,
  type Subcommand,
  type Surroundings,
  WRONG,
  writeJson,
} from "./ipmpadm-subcommand.ts";

export const RELOAD: Subcommand = {
  usage: "reload",
  help: `the daemon reads its files again, as by SIGHUP, and applies the difference; what it has
learnt is kept. A bad file changes nothing, and every problem is told`,
  mostOperands: 0,
  options: [],
  run: reload,
};

/** The daemon's codes that speak of the file. */
const OF_THE_FILE = ["BAD_CONFIGURATION", "NOT_READABLE"];

async function reload({ json }: Order, world: Surroundings): Promise<number> {
  try {
    const warnings = await world.reload();
    if (json) writeJson({ warnings }, world);
    else tell(warnings, world);
    return DONE;
  } catch (error) {
    if (!(error instanceof ControlError) || error.refusal === undefined) throw error;
    return refused(error.refusal, json, world);
  }
}

function tell(warnings: readonly string[], world: Surroundings): void {
  for (const warning of warnings) world.complain(`${warning} (warning)\n`);
  world.write("The configuration is in force.\n");
}

function refused(refusal: ErrorAnswer, json: boolean, world: Surroundings): number {
  const { code, message, detail } = refusal;
  if (json) writeJson({ code, message, detail }, world);
  else world.complain(`${detail}\nipmpadm: ${message}\n`);
  return OF_THE_FILE.includes(code) ? WRONG : FAILED;
}
