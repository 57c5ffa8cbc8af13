import type { LineIndex } from "../places.ts";
import { type Complaint, shown } from "../problem.ts";

/** What the rules about several values write down. */
export class Findings {
  readonly problems: Complaint[] = [];
  readonly warnings: Complaint[] = [];
  readonly #lines: LineIndex;

  constructor(lines: LineIndex) {
    this.#lines = lines;
  }

  problem(offset: number, text: string): void {
    this.problems.push({ offset, text });
  }

  warning(offset: number, text: string): void {
    this.warnings.push({ offset, text });
  }

  /** `line 7`, for the other place of a clash. */
  line(offset: number): string {
    return `line ${this.#lines.position(offset).line}`;
  }
}

/** A name as it may be shown within a text. */
export function quoted(name: string): string {
  return `\`${shown(name)}\``;
}
