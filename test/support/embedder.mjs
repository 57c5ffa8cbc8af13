// A program that embeds IPMP as a library: node embedder.mjs ENTRY CONFIGURATION STATE_DIR stay|release
// Says one JSON line when IPMP has started, one for each event, and one when it has stopped; stops at the end of its input.
// Each line of its input is a call: `offline eth0`, `online eth0`, `configure FILE`; it says what came of it.
// It then must end by itself: nothing here calls process.exit.
import { createInterface } from "node:readline";

const [entry, file, stateDir, way] = process.argv.slice(2);
const { Ipmp, loadConfiguration } = await import(entry);

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const { configuration } = await loadConfiguration(file);
const ipmp = await Ipmp.start(configuration, { stateDir, listener: (event) => say({ event }) });
say({ started: ipmp.snapshot() });
const calls = {
  offline: (name) => ipmp.offline(name),
  online: (name) => ipmp.online(name),
  configure: async (path) => ipmp.configure((await loadConfiguration(path)).configuration),
};
for await (const call of createInterface({ input: process.stdin })) {
  const [verb, word] = call.split(" ");
  const outcome = await calls[verb](word).then(
    () => "done",
    (error) => error.code,
  );
  say({ call, outcome });
}
await ipmp.stop({ release: way === "release" });
say({ stopped: process.getActiveResourcesInfo() });
