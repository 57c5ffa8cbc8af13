/** Holds the numbered behaviour cases of test/cases.md against the tests: each is shown, or the page says why it is not. */
import type { SourceTree, Violation } from "./source-tree.ts";
import { textsIn } from "./syntax.ts";

export const CASES_PAGE = "test/cases.md";

const ROW = /^\| (?<number>T\d+) \| (?<wording>[^|]+) \| (?<reason>[^|]*)\|$/;
const NUMBER = /\bT\d+\b/g;
const WHY =
  "a case that nothing shows is a hope, and a reason that no longer holds hides one: the page is the list of what is proven";

interface Case {
  readonly number: string;
  readonly line: number;
  /** Why no test shows it, or "". */
  readonly reason: string;
}

function readCases(page: string): Case[] {
  return page.split("\n").flatMap((text, index) => {
    const { number, reason } = ROW.exec(text)?.groups ?? {};
    return number === undefined ? [] : [{ number, line: index + 1, reason: reason?.trim() ?? "" }];
  });
}

/** A case is named in a title, and titles are string literals; a transcript names its cases in its first line. */
function namesIn(path: string, text: string): { name: string; line: number }[] {
  if (path.endsWith(".test.ts")) return textsIn(path, text);
  return /^test\/scenario\/.*\.txt$/.test(path) ? [{ name: text.split("\n")[0] ?? "", line: 1 }] : [];
}

/** The first place that shows each case. */
function shownCases(tree: SourceTree): Map<string, { path: string; line: number }> {
  const shown = new Map<string, { path: string; line: number }>();
  for (const [path, text] of tree) {
    // Most files name none, and parsing them all would take seconds.
    if (!path.startsWith("test/") || text.search(NUMBER) === -1) continue;
    for (const { name, line } of namesIn(path, text))
      for (const [number] of name.matchAll(NUMBER)) if (!shown.has(number)) shown.set(number, { path, line });
  }
  return shown;
}

/** Each numbered case is shown by a test or has the reason why not, and not both; each number in a title is one of them. */
export function casesAreShown(tree: SourceTree): Violation[] {
  const page = tree.get(CASES_PAGE);
  if (page === undefined) return [{ path: CASES_PAGE, line: 0, what: "is missing", why: WHY }];
  const cases = readCases(page);
  const shown = shownCases(tree);
  const numbers = new Set(cases.map(({ number }) => number));
  const unknown = [...shown].filter(([number]) => !numbers.has(number));
  return [
    ...cases.flatMap((one) => problemOf(one, shown)),
    ...unknown.map(([number, place]) => ({ ...place, what: `names ${number}, which ${CASES_PAGE} lacks`, why: WHY })),
  ];
}

function problemOf({ number, line, reason }: Case, shown: ReturnType<typeof shownCases>): Violation[] {
  const place = shown.get(number);
  if (place === undefined && reason === "")
    return [{ path: CASES_PAGE, line, what: `${number} is in no test's title, and has no reason why`, why: WHY }];
  if (place !== undefined && reason !== "")
    return [{ path: CASES_PAGE, line, what: `${number} has a reason, though ${place.path} shows it`, why: WHY }];
  return [];
}
