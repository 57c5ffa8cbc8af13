/** The diagram of a member's states in docs/states.md, drawn from the machine's own table. */
import { TRANSITIONS } from "../../src/core/members/interface-state.ts";
import type { SourceTree, Violation } from "./source-tree.ts";

export const STATES_PAGE = "docs/states.md";

const BEGIN = "<!-- begin of the generated diagram: npm run docs:states -->";
const END = "<!-- end of the generated diagram -->";

/** Where the diagram goes in a page that has none yet. */
export const DIAGRAM_PLACE = `${BEGIN}\n${END}\n`;

/** Mermaid takes no hyphen in the name of a state, only in what it shows. */
function mermaidName(state: string): string {
  return state.replaceAll("-", "_");
}

/** The events that lead from one state to another share one arrow. */
function arrows(state: string, transitions: Readonly<Record<string, string>>): string[] {
  const events = Object.keys(transitions);
  return [...new Set(Object.values(transitions))].map((target) => {
    const leading = events.filter((event) => transitions[event] === target).join(", ");
    return `    ${mermaidName(state)} --> ${mermaidName(target)}: ${leading}`;
  });
}

/** The table of transitions as a mermaid diagram, fenced for Markdown. */
export function stateDiagram(): string {
  const states = Object.keys(TRANSITIONS);
  const named = states.filter((state) => state.includes("-"));
  return [
    "```mermaid",
    "stateDiagram-v2",
    ...named.map((state) => `    state "${state}" as ${mermaidName(state)}`),
    "    [*] --> absent",
    ...Object.entries(TRANSITIONS).flatMap(([state, transitions]) => arrows(state, transitions)),
    "```",
  ].join("\n");
}

/** The page with the diagram as it has to be; undefined where the page lacks the marks between which it stands. */
export function withDiagram(page: string): string | undefined {
  const [before, rest] = page.split(`${BEGIN}\n`);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) return undefined;
  return `${before}${BEGIN}\n\n${stateDiagram()}\n\n${END}${after}`;
}

/** The diagram that users see is the table that the machine goes by. */
export function statesAreDrawn(tree: SourceTree): Violation[] {
  const why = "a picture of the states that is not the machine's own misleads whoever looks for a fault";
  const page = tree.get(STATES_PAGE);
  const wanted = page === undefined ? undefined : withDiagram(page);
  if (wanted === undefined)
    return [{ path: STATES_PAGE, line: 0, what: `has no place for the diagram: ${BEGIN}`, why }];
  if (page === wanted) return [];
  return [{ path: STATES_PAGE, line: 0, what: "has an outdated diagram; `npm run docs:states` draws it anew", why }];
}
