/**
 * A local user without any right who wants to stand where root is about to write: `node squatter.mjs RUN STATE PRECIOUS [once]`. Takes
 * every name that a daemon with these directories may use, over and over, says "at it" after the first round, and a line beginning
 * with "took" for whatever of root's it could change. With `once` it ends after a round.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const NOBODY = 65534;
const LONGEST_MS = 60_000;
const PAUSE_MS = 1;

const [run = "", state = "", precious = "", times] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
process.umask(0);
setTimeout(() => process.exit(0), LONGEST_MS);

// Nothing of a daemon's hangs on these; they are ours for the asking.
for (const name of ["ipmpd", "ipmp", join(run, "control.sock"), join(run, "status.sock")]) {
  createServer()
    .on("error", () => {})
    .listen(`\0${name}`);
}

/** Whatever succeeds in a directory of root's is said. */
function attempt(what, work) {
  try {
    work();
    process.stdout.write(`took ${what}\n`);
  } catch {
    // As it should be.
  }
}

function beset(directory) {
  const at = (name) => join(directory, name);
  attempt(`${directory} itself`, () => renameSync(directory, `${directory}.old`));
  attempt(`the place of ${directory}`, () => mkdirSync(directory, 0o777));
  attempt(`the place of ${directory} by a link`, () => symlinkSync(precious, directory));
  attempt(`the mode of ${directory}`, () => chmodSync(directory, 0o777));
  let names = [];
  try {
    names = readdirSync(directory);
  } catch {
    // Closed to us, or not there.
  }
  for (const name of [...names, "control.sock", "status.sock", "ipmpd.pid", ".s", ".draft"]) {
    attempt(at(name), () => unlinkSync(at(name)));
    attempt(`${at(name)} by a link`, () => symlinkSync(join(precious, "file"), at(name)));
    attempt(`${at(name)} by a file`, () => writeFileSync(at(name), "taken"));
  }
  attempt(`a name in ${directory}`, () => mkdirSync(at("mine")));
}

function round() {
  beset(run);
  beset(state);
}

round();
process.stdout.write("at it\n");
if (times === "once") process.exit(0);
setInterval(round, PAUSE_MS);
