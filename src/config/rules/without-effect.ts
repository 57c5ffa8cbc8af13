/** Keys that are checked but that wait for probing. */
import type { Path, Places } from "../places.ts";
import type { Findings } from "./findings.ts";

const PROBING_KEYS = [
  "failure-detection-time",
  "track-ungrouped",
  "flap-limit",
  "transitive-probing",
  "targets",
] as const;

/** Silence would let people believe that their targets are probed. */
export function warnAboutProbingKeys(groupNames: readonly string[], places: Places, findings: Findings): void {
  const mappings: Path[] = [[], ...groupNames.map((name) => ["groups", name])];
  for (const mapping of mappings) {
    for (const key of PROBING_KEYS.filter((name) => places.has([...mapping, name]))) {
      findings.warning(
        places.key([...mapping, key]),
        `\`${key}\` has no effect yet: this version detects failures by link state only; it will once probing does`,
      );
    }
  }
}
