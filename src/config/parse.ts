import type { Configuration } from "../core/configuration.ts";
import { assemble } from "./assemble.ts";
import { type PlainDocument, readDocument } from "./document.ts";
import { type Draft, draftOf } from "./draft.ts";
import { complaintsOf } from "./issues.ts";
import { type MpathdDefaults, NO_MPATHD_DEFAULTS } from "./mpathd.ts";
import { LineIndex } from "./places.ts";
import { type Complaint, MOST_PROBLEMS, type Problem } from "./problem.ts";
import { checkDetectionTimes, warnAboutDetectionTimes } from "./rules/detection-times.ts";
import { Findings } from "./rules/findings.ts";
import { checkMembership } from "./rules/membership.ts";
import { checkOwnAddresses } from "./rules/own-addresses.ts";
import { checkRoutes } from "./rules/routes.ts";
import { checkTargets, warnAboutTargets } from "./rules/targets.ts";
import { warnAboutGroups } from "./rules/warnings.ts";
import { fileSchema, MOST_ADDRESSES } from "./schema.ts";

export interface ParsedConfiguration {
  /** Present if and only if there are no problems. */
  readonly configuration?: Configuration;
  /** What must be put right, in the order of the text. */
  readonly problems: readonly Problem[];
  /** What is probably not meant, in the order of the text. */
  readonly warnings: readonly Problem[];
  /** What was wrong with the file of global defaults, and replaced by a default; errors for the log. */
  readonly complaints: readonly string[];
}

/** Bytes of the largest file that is read; the largest sensible one is a hundredth of that. */
export const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * Reads the text of a configuration file; `file` is the name that problems show. All problems are found in one run,
 * except that nothing else is looked at while the text is not YAML. `defaults` (see `readMpathdDefaults`) stand in for what the
 * text does not say at top level. Never throws.
 */
export function parseConfiguration(
  text: string,
  file: string,
  defaults: MpathdDefaults = NO_MPATHD_DEFAULTS,
): ParsedConfiguration {
  const { complaints } = defaults;
  // Editors do not count the byte order mark as a column, so neither do we.
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const lines = new LineIndex(plain);
  const place = (complaints: readonly Complaint[]) => placed(complaints, file, lines);
  if (plain.length > LARGEST_FILE_BYTES) {
    const text = `found ${plain.length} characters, wanted at most ${LARGEST_FILE_BYTES}`;
    return { problems: place([{ offset: 0, text }]), warnings: [], complaints };
  }
  const document = readDocument(plain, lines);
  const draft = draftOf(document.value, document.places, defaults);
  const findings = judge(document, draft, lines);
  const problems = place(findings.problems);
  const warnings = place(findings.warnings);
  const found = { problems, warnings, complaints };
  return problems.length > 0 ? found : { configuration: assemble(draft), ...found };
}

function judge(document: PlainDocument, { groups }: Draft, lines: LineIndex): Findings {
  const findings = new Findings(lines);
  for (const { offset, text } of document.complaints) findings.problem(offset, text);
  if (document.value === undefined && document.complaints.length > 0) return findings;
  const form = fileSchema.safeParse(document.value);
  const refused = new Set(document.complaints.map(({ offset }) => offset));
  const formal = (form.error?.issues ?? []).flatMap((issue) => complaintsOf(issue, document.places));
  for (const { offset, text } of formal) if (!refused.has(offset)) findings.problem(offset, text);
  if (groups.some(({ addresses }) => addresses.length > MOST_ADDRESSES)) return findings;
  checkMembership(groups, findings);
  checkOwnAddresses(groups, findings);
  checkTargets(groups, findings);
  checkRoutes(groups, form.success, findings);
  if (form.success) {
    checkDetectionTimes(groups, findings);
    warnAboutGroups(groups, findings);
    warnAboutTargets(groups, findings);
    warnAboutDetectionTimes(groups, findings);
  }
  if (findings.problems.length === 0 && groups.length === 0)
    findings.warning(
      document.places.key(["groups"]),
      "groups: found none, so nothing of this host will be kept reachable",
    );
  return findings;
}

function placed(complaints: readonly Complaint[], file: string, lines: LineIndex): Problem[] {
  const sorted = [...complaints].sort((left, right) => left.offset - right.offset);
  const distinct = sorted.filter(
    ({ offset, text }, index) =>
      index === 0 || sorted[index - 1]?.offset !== offset || sorted[index - 1]?.text !== text,
  );
  const kept = distinct.slice(0, MOST_PROBLEMS);
  const last = kept.at(-1);
  if (last !== undefined && kept.length < distinct.length) {
    kept.push({ offset: last.offset, text: `and ${distinct.length - kept.length} more further down` });
  }
  return kept.map(({ offset, text }) => ({ file, ...lines.position(offset), text }));
}
