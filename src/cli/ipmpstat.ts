#!/usr/bin/env node
/** ipmpstat: shows the state of IPMP. Loads neither the addon nor a library, so that it starts fast. */
import { Client } from "../control/client.ts";
import { hostNames } from "./host-names.ts";
import { ipmpstat } from "./ipmpstat-command.ts";
import { version } from "./version.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads (head, a pager) has seen enough.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`ipmpstat: cannot write: ${error.message}\n`);
  process.exit(1);
});

process.exitCode = await ipmpstat(process.argv.slice(2), {
  snapshot: () => new Client().snapshot(),
  hostNames,
  screenRows: () => process.stdout.rows,
  version,
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
