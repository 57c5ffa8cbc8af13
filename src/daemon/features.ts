import { missingFeatures } from "../kernel/features.ts";
import { DaemonError } from "./errors.ts";

/**
 * Comes before the first change of any kind.
 * @throws {DaemonError} MISSING_FEATURE with a sentence for each privilege and kernel feature that is missing
 */
export function requireFeatures(): void {
  const missing = missingFeatures();
  if (missing.length > 0) throw new DaemonError("MISSING_FEATURE", missing.join("\n"));
}
