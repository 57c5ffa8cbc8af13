// node rate-of-ipmp.mjs PROBER MILLISECONDS INTERFACE SOURCE,... ADDRESS...
// Asks more and more a second, each rate for so long, and prints a line of JSON on each: first in great steps, then from the last
// that was bearable in small ones. A rate is too much when it was so three times.
import { setTimeout as pause } from "node:timers/promises";

const [library, milliseconds, link, sourceList, ...targets] = process.argv.slice(2);
const sources = sourceList.split(",");
const { Prober } = await import(library);

const FIRST_RATE = 50_000;
const FACTORS = [1.3, 1.05];
const TRIES = 3;
/** The largest there is: the longer a step, the longer the machine may stand still without anything remaining unsent. */
const BURST = 1024;
/** Longer than any answer takes: what is not answered by then is lost. */
const TIMEOUT_MS = 500;

const prober = Prober.open();

/** A path for each source: one would do, but for the length of its steps. */
function pathsOf(intervalMs, burst) {
  return sources.map((source) => ({ interface: link, source, targets, intervalMs, timeoutMs: TIMEOUT_MS, burst }));
}

async function counters() {
  const all = await prober.statistics();
  const sum = (fate) => all.reduce((total, one) => total + one[fate], 0);
  return { sent: sum("sent"), answered: sum("answered"), lost: sum("lost"), unsent: sum("unsent") };
}

/** Calms down, and returns when the fate of every probe is known. */
async function settled() {
  prober.probe(pathsOf(2 * TIMEOUT_MS, 1));
  for (;;) {
    await pause(TIMEOUT_MS / 10);
    const seen = await counters();
    if (seen.sent > 0 && seen.sent === seen.answered + seen.lost) return seen;
  }
}

async function flood(rate) {
  const before = await settled();
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  prober.probe(pathsOf((sources.length * BURST * 1000) / rate, BURST));
  await pause(Number(milliseconds));
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await settled();
  const during = Object.fromEntries(Object.keys(after).map((fate) => [fate, after[fate] - before[fate]]));
  return { rate, seconds, ...during, cpuUs: user + system };
}

async function bearable(rate) {
  for (let tries = 0; tries < TRIES; tries++) {
    const report = await flood(rate);
    console.log(JSON.stringify(report));
    if (report.lost + report.unsent === 0) return true;
  }
  return false;
}

let rate = FIRST_RATE;
await bearable(rate);
for (const factor of FACTORS) {
  while (await bearable(rate * factor)) rate *= factor;
}
prober.close();
