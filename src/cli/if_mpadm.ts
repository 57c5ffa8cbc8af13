#!/usr/bin/env node
/** if_mpadm: takes interfaces out of service and brings them back. Loads neither the addon nor a library. */
import { readFileSync } from "node:fs";
import { Client } from "../control/client.ts";
import { ifMpadm } from "./if_mpadm-command.ts";
import { version } from "./version.ts";

/** By /proc, which follows this process into its network namespace, as /sys may not. */
function exists(name: string): boolean {
  const lines = readFileSync("/proc/self/net/dev", "utf8").split("\n");
  return lines.some((line) => line.trimStart().startsWith(`${name}:`));
}

process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

const client = new Client();
process.exitCode = await ifMpadm(process.argv.slice(2), {
  snapshot: () => client.snapshot(),
  offline: (name) => client.offline(name, { minimumRedundancy: 1 }),
  online: (name) => client.online(name),
  exists,
  version,
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
