/** Something that must hold does not: the text names what was found. */
export class Violated extends Error {}

/** @throws {Violated} with `text` where `condition` does not hold. */
export function demand(condition: boolean, text: () => string): asserts condition {
  if (!condition) throw new Violated(text());
}
