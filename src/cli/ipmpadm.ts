#!/usr/bin/env node
/** ipmpadm: administers IPMP. Loads the reader of configurations only where it is needed. */
import { Client } from "../control/client.ts";
import { ipmpadm } from "./ipmpadm-command.ts";
import { version } from "./version.ts";

process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

process.exitCode = await ipmpadm(process.argv.slice(2), {
  reload: () => new Client().reload(),
  load: async (file, mpathdFile) => (await import("../config/index.ts")).loadConfiguration(file, { mpathdFile }),
  version,
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
