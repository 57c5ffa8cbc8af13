/** zod's issues -> complaints: what, found, wanted, and where. */
import type { core } from "zod";
import { nearest } from "./nearest.ts";
import type { Path, Places } from "./places.ts";
import { type Complaint, MOST_PROBLEMS, shown } from "./problem.ts";
import { knownKeys } from "./schema.ts";

type Issue = core.$ZodIssue;

/** Every complaint behind one issue; `base` is the place that the issue's own path starts from. */
export function complaintsOf(issue: Issue, places: Places, base: Path = []): Complaint[] {
  const path = [...base, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, MOST_PROBLEMS + 1).map((key) => unknownKey(key, path, places));
    case "invalid_key":
      return issue.issues.map(({ message }) => ({
        offset: places.key(path),
        text: `name: found ${path.at(-1) === "" ? "an empty text" : `\`${shown(String(path.at(-1)))}\``}, wanted ${message}`,
      }));
    case "invalid_union":
      return (
        branchOf(issue.errors)?.flatMap((inner) => complaintsOf(inner, places, path)) ?? [
          wrongValue(path, issue.message, places),
        ]
      );
    default:
      return [places.has(path) ? wrongValue(path, issue.message, places) : missing(path, issue.message, places)];
  }
}

/** The alternative that the author had in mind: the one whose type is right. */
function branchOf(branches: readonly Issue[][]): Issue[] | undefined {
  return branches.find((issues) => !issues.some(({ code, path }) => code === "invalid_type" && path.length === 0));
}

function unknownKey(key: string, path: Path, places: Places): Complaint {
  const known = knownKeys(path);
  const near = nearest(key, known);
  const remedy = near === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${near}\`?`;
  return { offset: places.key([...path, key]), text: `unknown key \`${shown(key)}\`; ${remedy}` };
}

function wrongValue(path: Path, wanted: string, places: Places): Complaint {
  return { offset: places.value(path), text: `${labelOf(path)}: found ${places.source(path)}, wanted ${wanted}` };
}

function missing(path: Path, wanted: string, places: Places): Complaint {
  return { offset: places.key(path.slice(0, -1)), text: `${labelOf(path)}: found nothing, wanted ${wanted}` };
}

/** The nearest name on the way to a value: `addresses` for the second of them. */
function labelOf(path: Path): string {
  const name = path.findLast((step) => typeof step === "string");
  return name === undefined ? "file" : shown(String(name));
}
