// How fast a prober is of which each probe has a callback: as many as the window are under way at any time, each answer brings
// out the next probe. Prints one line of JSON; see `Flood` in rate.ts.

const WINDOW = 64;

/** `ask(target, done)` sends one probe and calls `done(answered)` once. Resolves when all probes have an end. */
export function flood(ask, targets, durationMs) {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let [sent, answered, under] = [0, 0, 0];
  return new Promise((resolve) => {
    const done = (isAnswered) => {
      under--;
      if (isAnswered) answered++;
      if (performance.now() - startedAt < durationMs) next();
      else if (under === 0) resolve(report());
    };
    const next = () => {
      under++;
      ask(targets[sent++ % targets.length], done);
    };
    const report = () => {
      const { user, system } = process.cpuUsage(cpuBefore);
      const seconds = (performance.now() - startedAt) / 1000;
      return { seconds, sent, answered, cpuUs: user + system };
    };
    for (let one = 0; one < WINDOW; one++) next();
  });
}
