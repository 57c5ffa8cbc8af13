/** Failure detection times that can not be kept to, or that nothing would come of. */
import type { DraftGroup } from "../draft.ts";
import { durationText } from "../durations.ts";
import { type Findings, quoted } from "./findings.ts";
import { probeSources, remedyOf } from "./probe-sources.ts";

/**
 * A time is raised up to its limit, so the limit can not be below it.
 * To be called only where the form is right: an unreadable time is not the default one.
 */
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

/** Only probes take so long to notice: of a lost link the kernel tells at once. */
export function warnAboutDetectionTimes(groups: readonly DraftGroup[], findings: Findings): void {
  const done = new Set(groups.filter(isProbed).map(({ settings }) => settings.detectionTimeMs.offset));
  for (const group of groups) {
    const { offset } = group.settings.detectionTimeMs;
    if (offset === undefined || done.has(offset)) continue;
    done.add(offset);
    const reason = "has no effect, since no interface that it holds for has an address to probe from";
    findings.warning(offset, `failure-detection-time: ${reason}${remedyOf(group, FAMILIES)}`);
  }
}

const FAMILIES = [4, 6] as const;

function isProbed(group: DraftGroup): boolean {
  return FAMILIES.some((family) => probeSources(group, family).length > 0);
}
