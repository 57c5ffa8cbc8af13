/** What is to be known of a measured detection: the time in force, and what has kept us from it. */
import type { DaemonSnapshot } from "../../src/control/client.ts";
import type { Play } from "./scenes.ts";
import { milliseconds, worstOutageUs } from "./streams.ts";

export type Prober = Pick<DaemonSnapshot["prober"], "stalls" | "longestStallMs">;

export function detectionText(
  { failure, detectionTimeMs }: Pick<Play, "failure" | "detectionTimeMs">,
  { stalls, longestStallMs }: Prober,
  configuredMs: number,
): string {
  const inForce = milliseconds(detectionTimeMs * 1000);
  const raised = detectionTimeMs > configuredMs;
  const reason = `, raised from ${milliseconds(configuredMs * 1000)} since targets were slow on this machine`;
  const overUs = worstOutageUs(failure) - detectionTimeMs * 1000;
  const late = `the prober was late ${stalls} times, by up to ${milliseconds(longestStallMs * 1000)}`;
  const over = `; ${milliseconds(overUs)} more than that: a busy machine, ${late}`;
  return `failure detection time ${inForce}${raised ? reason : ""}${overUs > 0 ? over : ""}`;
}
