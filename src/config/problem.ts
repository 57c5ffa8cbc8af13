/** One thing that is wrong with a configuration file, in one line and at one place. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as most editors count. */
  readonly column: number;
  /** One line: what, found, wanted. */
  readonly text: string;
}

/** `file:line:column: text`, the form that editors and terminals make clickable. */
export function formatProblem(problem: Problem): string {
  return `${shownPath(problem.file)}:${problem.line}:${problem.column}: ${problem.text}`;
}

/** A problem whose place is still an offset into the text. */
export interface Complaint {
  readonly offset: number;
  readonly text: string;
}

/** More than this nobody reads; a file of rubbish must neither fill the log nor the memory. */
export const MOST_PROBLEMS = 100;

/** Shown values are cut here: a problem is one line that fits a terminal. */
const LONGEST_SHOWN = 60;

/** Paths are shown whole, as long as somebody may have meant them. */
const LONGEST_PATH_SHOWN = 255;

/** A path as it may be shown; see `shown`. */
export function shownPath(path: string): string {
  return shown(path, LONGEST_PATH_SHOWN);
}

/** A piece of the file as it may be shown: on one line, without control characters, not longer than a line can bear. */
export function shown(source: string, longest = LONGEST_SHOWN): string {
  const cut = source.length > longest ? `${source.slice(0, longest)}...` : source;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
