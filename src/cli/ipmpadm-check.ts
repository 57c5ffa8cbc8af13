/** `ipmpadm check`: is the file good, and what does it hold? Asks no daemon. */

import type { ParsedConfiguration } from "../config/index.ts";
import { formatProblem, shownPath } from "../config/problem.ts";
import { contentsText, groupText } from "./contents.ts";
import { DEFAULT_CONFIGURATION_FILE, DEFAULT_MPATHD_FILE } from "./files.ts";
import { DONE, type Order, type Subcommand, type Surroundings, WRONG, writeJson } from "./ipmpadm-subcommand.ts";
import { UsageError } from "./option-table.ts";

export const CHECK: Subcommand = {
  usage: "check [--mpathd-file FILE] [FILE]",
  help: `is FILE (default ${DEFAULT_CONFIGURATION_FILE}) good, and what does it hold?
Every problem as file:line:column: what, found, wanted; nothing is applied`,
  mostOperands: 1,
  options: ["mpathd-file"],
  run: check,
};

async function check({ operands, json, mpathdFile }: Order, world: Surroundings): Promise<number> {
  const [file = DEFAULT_CONFIGURATION_FILE] = operands;
  if (file === "" || mpathdFile === "") throw new UsageError("check needs the path of a file, and got an empty one");
  const parsed = await world.load(file, mpathdFile ?? DEFAULT_MPATHD_FILE);
  if (json) writeJson({ file, good: parsed.configuration !== undefined, ...parsed }, world);
  else show(file, parsed, world);
  return parsed.configuration === undefined ? WRONG : DONE;
}

function show(file: string, parsed: ParsedConfiguration, world: Surroundings): void {
  const { configuration, problems, warnings, complaints } = parsed;
  for (const problem of problems) world.complain(`${formatProblem(problem)}\n`);
  for (const complaint of complaints) world.complain(`${complaint}\n`);
  for (const warning of warnings) world.complain(`${formatProblem(warning)} (warning)\n`);
  if (configuration === undefined) return;
  world.write(`${shownPath(file)} is good: ${contentsText(configuration)}\n`);
  for (const group of configuration.groups) world.write(`  ${groupText(group)}\n`);
}
