/** What the lenient reading of a document is made with: a value where it can be read, and where it stands. */
import type { Path, Places } from "./places.ts";
import type { Reading } from "./reading.ts";

/** Something that stands at an offset of the text. */
export type Placed<Value> = { readonly value: Value; readonly offset: number };

/** Where a value stands, and how to find out about those below it. */
export interface Spot {
  readonly path: Path;
  readonly places: Places;
}

export function below({ path, places }: Spot, ...steps: PropertyKey[]): Spot {
  return { path: [...path, ...steps], places };
}

export function keyOffset({ path, places }: Spot): number {
  return places.key(path);
}

export function valueOffset({ path, places }: Spot): number {
  return places.value(path);
}

/** Undefined where `read` refuses the text, or where there is none. */
export function draftText<Value>(
  value: unknown,
  spot: Spot,
  read: (text: string) => Reading<Value>,
): Placed<Value> | undefined {
  if (typeof value !== "string") return undefined;
  const reading = read(value);
  return "value" in reading ? { value: reading.value, offset: valueOffset(spot) } : undefined;
}

/** The readable ones. */
export function draftList<Item>(
  value: unknown,
  spot: Spot,
  draft: (item: unknown, at: Spot) => Item | undefined,
): Item[] {
  if (!Array.isArray(value)) return [];
  return value.map((item, index) => draft(item, below(spot, index))).filter((item) => item !== undefined);
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The keys of a mapping; none where there is no mapping. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
