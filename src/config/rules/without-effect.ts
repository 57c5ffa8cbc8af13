/** Keys that are checked, and that do nothing yet. */
import type { PlainDocument } from "../document.ts";
import { fieldsOf } from "../spot.ts";
import type { Findings } from "./findings.ts";

const KEY = "transitive-probing";

/** Silence would let people believe that members without a test address are probed. */
export function warnAboutKeysWithoutEffect({ value, places }: PlainDocument, findings: Findings): void {
  const file = fieldsOf(value);
  const groups = Object.entries(fieldsOf(file.groups)).map(([name, group]) => [["groups", name], group] as const);
  for (const [path, mapping] of [[[], file] as const, ...groups]) {
    // False says what is the case.
    if (fieldsOf(mapping)[KEY] !== true) continue;
    const reason = "this version probes interfaces by their test addresses only";
    findings.warning(places.key([...path, KEY]), `\`${KEY}\` has no effect yet: ${reason}`);
  }
}
