import type { Configuration } from "../core/configuration.ts";
import { assemble } from "./assemble.ts";
import { type PlainDocument, readDocument } from "./document.ts";
import { type DraftGroup, draftGroups } from "./draft.ts";
import { complaintsOf } from "./issues.ts";
import { LineIndex } from "./places.ts";
import { type Complaint, MOST_PROBLEMS, type Problem } from "./problem.ts";
import { Findings } from "./rules/findings.ts";
import { checkMembership } from "./rules/membership.ts";
import { checkOwnAddresses } from "./rules/own-addresses.ts";
import { checkRoutes } from "./rules/routes.ts";
import { warnAboutGroups } from "./rules/warnings.ts";
import { warnAboutProbingKeys } from "./rules/without-effect.ts";
import { fileSchema, MOST_ADDRESSES } from "./schema.ts";

export interface ParsedConfiguration {
  /** Present if and only if there are no problems. */
  readonly configuration?: Configuration;
  /** What must be put right, in the order of the text. */
  readonly problems: readonly Problem[];
  /** What is probably not meant, in the order of the text. */
  readonly warnings: readonly Problem[];
}

/** Bytes of the largest file that is read; the largest sensible one is a hundredth of that. */
export const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * Reads the text of a configuration file; `file` is the name that problems show. All problems are found in one run,
 * except that nothing else is looked at while the text is not YAML. Never throws.
 */
export function parseConfiguration(text: string, file: string): ParsedConfiguration {
  // Editors do not count the byte order mark as a column, so neither do we.
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const lines = new LineIndex(plain);
  const place = (complaints: readonly Complaint[]) => placed(complaints, file, lines);
  if (plain.length > LARGEST_FILE_BYTES) {
    const text = `found ${plain.length} characters, wanted at most ${LARGEST_FILE_BYTES}`;
    return { problems: place([{ offset: 0, text }]), warnings: [] };
  }
  const document = readDocument(plain, lines);
  const groups = draftGroups(document.value, document.places);
  const findings = judge(document, groups, lines);
  const problems = place(findings.problems);
  const warnings = place(findings.warnings);
  return problems.length > 0 ? { problems, warnings } : { configuration: assemble(groups), problems, warnings };
}

function judge(document: PlainDocument, groups: readonly DraftGroup[], lines: LineIndex): Findings {
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
  checkRoutes(groups, form.success, findings);
  if (form.success) warnAboutGroups(groups, findings);
  const names = groups.map(({ name }) => name);
  warnAboutProbingKeys(names, document.places, findings);
  if (findings.problems.length === 0 && names.length === 0)
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
