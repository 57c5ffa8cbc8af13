/** Draws the diagram in docs/states.md anew: `npm run docs:states`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { STATES_PAGE, withDiagram } from "./checks/state-diagram.ts";

const file = fileURLToPath(new URL(`../${STATES_PAGE}`, import.meta.url));
const page = withDiagram(readFileSync(file, "utf8"));
if (page === undefined) throw new Error(`${file} lacks the marks between which the diagram stands`);
writeFileSync(file, page);
