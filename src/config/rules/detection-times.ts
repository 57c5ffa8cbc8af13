/** A failure detection time is raised up to its limit, so the limit can not be below it. */
import type { DraftGroup } from "../draft.ts";
import { durationText } from "../durations.ts";
import { type Findings, quoted } from "./findings.ts";

/** To be called only where the form is right: an unreadable time is not the default one. */
export function checkDetectionTimes(groups: readonly DraftGroup[], findings: Findings): void {
  for (const { name, settings } of groups) {
    const { detectionTimeMs: time, detectionTimeLimitMs: limit } = settings;
    if (limit === undefined || limit.value >= time.value) continue;
    const place = time.offset === undefined ? "not set in this file" : findings.line(time.offset);
    const wanted = `at least ${durationText(time.value)}, the failure detection time of group ${quoted(name)} (${place})`;
    findings.problem(
      limit.offset,
      `failure-detection-time-limit: found ${durationText(limit.value)}, wanted ${wanted}`,
    );
  }
}
