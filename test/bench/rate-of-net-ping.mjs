// node rate-of-net-ping.mjs MILLISECONDS ADDRESS...
import { createSession } from "net-ping";
import { flood } from "./rate-of-window.mjs";

const [duration, ...targets] = process.argv.slice(2);
const session = createSession({ timeout: 1000, retries: 0 });
const report = await flood(
  (target, done) => session.pingHost(target, (error) => done(error === null)),
  targets,
  Number(duration),
);
console.log(JSON.stringify(report));
session.close();
