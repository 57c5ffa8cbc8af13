/** Options in the manner of getopt(3C): clusters (-an), values attached (-oX) or apart (-o X), the end marked by `--`. */

import { shown } from "../config/problem.ts";

export interface OptionSyntax {
  /** Letters that stand alone. */
  readonly flags: string;
  /** Letters that take a value. */
  readonly valued: string;
  /** Long options, all without value. */
  readonly long: readonly string[];
}

export type OptionToken =
  | { readonly kind: "option"; readonly name: string; readonly value: string }
  /** What is wrong, in getopt's words. */
  | { readonly kind: "fault"; readonly text: string };

export interface ParsedOptions {
  /** In the order given, up to and including the first fault. */
  readonly tokens: readonly OptionToken[];
  readonly operands: readonly string[];
}

/** Never throws: faults are tokens, so that the caller sees what came before them. */
export function getopt(words: readonly string[], syntax: OptionSyntax): ParsedOptions {
  const tokens: OptionToken[] = [];
  const rest = [...words];
  while (rest[0]?.startsWith("-") && rest[0] !== "-") {
    const word = rest.shift() ?? "";
    if (word === "--") break;
    const found = word.startsWith("--") ? [longOption(word, syntax)] : cluster(word, rest, syntax);
    tokens.push(...found);
    if (found.at(-1)?.kind === "fault") break;
  }
  return { tokens, operands: rest };
}

function longOption(word: string, syntax: OptionSyntax): OptionToken {
  const name = word.slice(2);
  if (syntax.long.includes(name)) return { kind: "option", name, value: "" };
  return { kind: "fault", text: `illegal option -- ${shown(name)}` };
}

/** One word of letters. Takes the value of its last letter from `rest` where it is not attached. */
function cluster(word: string, rest: string[], syntax: OptionSyntax): OptionToken[] {
  const tokens: OptionToken[] = [];
  for (let at = 1; at < word.length; at += 1) {
    const name = word.charAt(at);
    if (syntax.flags.includes(name)) {
      tokens.push({ kind: "option", name, value: "" });
      continue;
    }
    tokens.push(syntax.valued.includes(name) ? valuedOption(name, word.slice(at + 1), rest) : illegal(name));
    break;
  }
  return tokens;
}

function valuedOption(name: string, attached: string, rest: string[]): OptionToken {
  const value = attached === "" ? rest.shift() : attached;
  if (value === undefined) return { kind: "fault", text: `option requires an argument -- ${name}` };
  return { kind: "option", name, value };
}

function illegal(name: string): OptionToken {
  return { kind: "fault", text: `illegal option -- ${shown(name)}` };
}
