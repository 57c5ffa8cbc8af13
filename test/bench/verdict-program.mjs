// node verdict-program.mjs DIST CONFIGURATION SETTINGS
// Runs the loop in a worker while this thread is blocked 20 of every 100 ms. Prints `verdict HEARD DONE` (us), `fine` and
// `failed`; ends with its input.
import { Worker } from "node:worker_threads";

const BLOCKED_MS = 20;
const EVERY_MS = 100;

const [dist, configurationFile, settingsFile] = process.argv.slice(2);
const worker = new Worker(new URL("verdict-worker.mjs", import.meta.url), {
  workerData: { dist, configurationFile, settingsFile },
});
worker.on("message", ({ type, us }) => console.log(us === undefined ? type : `${type} ${us.join(" ")}`));

const blocker = setInterval(() => {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
}, EVERY_MS);

process.stdin.resume();
process.stdin.once("end", () => {
  clearInterval(blocker);
  worker.postMessage("close");
});
