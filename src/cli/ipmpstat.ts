#!/usr/bin/env node
/** ipmpstat: shows the state of IPMP. Loads neither the addon nor a library, so that it starts fast. */
import { Client, type ProbeEvent } from "../control/client.ts";
import { hostNames } from "./host-names.ts";
import { ipmpstat } from "./ipmpstat-command.ts";
import { version } from "./version.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads (head, a pager) has seen enough.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`ipmpstat: cannot write: ${error.message}\n`);
  process.exit(1);
});

/** Ends by itself when the user interrupts it. */
function probes(): AsyncIterable<ProbeEvent> {
  const enough = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => enough.abort());
  return new Client().followProbes(enough.signal);
}

process.exitCode = await ipmpstat(process.argv.slice(2), {
  snapshot: () => new Client().snapshot(),
  probes,
  // process.hrtime is CLOCK_MONOTONIC; performance.now() counts from the start of this process.
  startedAtMs: Number(process.hrtime.bigint()) / 1e6 - performance.now(),
  hostNames,
  screenRows: () => process.stdout.rows,
  version,
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
