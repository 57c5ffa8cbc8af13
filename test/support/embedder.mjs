// A program that embeds IPMP as a library: node embedder.mjs ENTRY CONFIGURATION STATE_DIR stay|release
// Says one JSON line when IPMP has started, one for each event, and one when it has stopped; stops at the end of its input.
// It then must end by itself: nothing here calls process.exit.
import { once } from "node:events";

const [entry, file, stateDir, way] = process.argv.slice(2);
const { Ipmp, loadConfiguration } = await import(entry);

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const { configuration } = await loadConfiguration(file);
const ipmp = await Ipmp.start(configuration, { stateDir, listener: (event) => say({ event }) });
say({ started: ipmp.snapshot() });
process.stdin.resume();
await once(process.stdin, "end");
await ipmp.stop({ release: way === "release" });
say({ stopped: process.getActiveResourcesInfo() });
