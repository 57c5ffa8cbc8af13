/**
 * Looks at the tokens of a text before the parser may. The parser is recursive, and V8 ends the whole process when a
 * regular expression is compiled with no stack left, so depth has to be bounded beforehand and from outside.
 */
import { Lexer } from "yaml";
import type { Complaint } from "./problem.ts";

/** Each far beyond a sensible file, and all together far within the stack. */
const MOST_OPEN_BRACKETS = 50;
const MOST_INDICATORS_PER_LINE = 50;
const DEEPEST_INDENTATION = 100;

/** Bounds the time that parsing takes (about 20 us per token). */
const MOST_TOKENS = 100_000;

/** Tokens of block collections: nesting within one line. */
const INDICATORS = new Set(["-", "?", ":"]);

/** The first place at which the text is nested too deeply or holds too much, if there is one. */
export function boundsBroken(text: string): Complaint | undefined {
  let [offset, open, indicators, count] = [0, 0, 0, 0];
  let atLineStart = true;
  for (const token of new Lexer().lex(text)) {
    // Marks of the lexer (document, scalar, end of flow) are no part of the text.
    const isMark = token === "\u0002" || token === "\u0018" || token === "\u001f";
    if (token === "[" || token === "{") open++;
    else if (token === "]" || token === "}") open = Math.max(0, open - 1);
    else if (INDICATORS.has(token) && open === 0) indicators++;
    const indentation = atLineStart && token.startsWith(" ") ? token.length : 0;
    const broken = firstBroken(open, indicators, indentation, ++count);
    if (broken !== undefined) return { offset, text: broken };
    if (isMark) continue;
    offset += token.length;
    atLineStart = token.endsWith("\n");
    if (token.includes("\n")) indicators = 0;
  }
  return undefined;
}

function firstBroken(open: number, indicators: number, indentation: number, count: number): string | undefined {
  if (open > MOST_OPEN_BRACKETS) return `found over ${MOST_OPEN_BRACKETS} open brackets, wanted fewer`;
  if (indicators > MOST_INDICATORS_PER_LINE) {
    return `found over ${MOST_INDICATORS_PER_LINE} of \`-\`, \`?\`, \`:\` in a line, wanted fewer`;
  }
  if (indentation > DEEPEST_INDENTATION) return `found over ${DEEPEST_INDENTATION} blanks of indentation, wanted fewer`;
  return count > MOST_TOKENS ? `found over ${MOST_TOKENS} words and signs, wanted a smaller file` : undefined;
}
