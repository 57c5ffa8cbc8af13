import { LineCounter } from "yaml";

/** Keys and list positions that lead from the root of the document to a value. */
export type Path = readonly PropertyKey[];

interface Place {
  readonly keyOffset: number;
  readonly valueOffset: number;
  /** The value as it stands in the file, or a word for what it is. */
  readonly source: string;
}

/** Remembers where each key and value of the document stands. */
export class Places {
  readonly #places = new Map<string, Place>();

  add(path: Path, place: Place): void {
    this.#places.set(JSON.stringify(path), place);
  }

  has(path: Path): boolean {
    return this.#places.has(JSON.stringify(path));
  }

  /** Offset of the key that leads to `path` (of the value, where a list holds it). */
  key(path: Path): number {
    return this.#find(path)?.keyOffset ?? 0;
  }

  value(path: Path): number {
    return this.#find(path)?.valueOffset ?? 0;
  }

  source(path: Path): string {
    return this.#find(path)?.source ?? "nothing";
  }

  #find(path: Path): Place | undefined {
    return this.#places.get(JSON.stringify(path));
  }
}

/** Turns offsets into lines and columns, both from 1. Offsets beyond the text mean its end. */
export class LineIndex {
  readonly #counter = new LineCounter();
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    this.#counter.addNewLine(0);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#counter.addNewLine(at + 1);
  }

  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#counter.linePos(Math.max(0, Math.min(offset, this.#length)));
    return { line, column: col };
  }
}
