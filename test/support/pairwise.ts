/**
 * Combinations of the values of many factors in which every pair of values of two factors comes about, except those that can not be.
 * Most faults need two circumstances to meet, few need three: so some dozens of combinations stand for billions.
 */
import { Random } from "./random.ts";

/** The values of each factor; the first is the ordinary one. */
export type Factors = Readonly<Record<string, readonly string[]>>;
export type Combination<F extends Factors> = { readonly [Name in keyof F]: F[Name][number] };

/** Two values that can not go together. */
export interface Impossible<F extends Factors> {
  readonly these: Partial<Combination<F>>;
  readonly why: string;
}

interface Pair {
  readonly first: readonly [name: string, value: string];
  readonly second: readonly [name: string, value: string];
}

/** A combination that is being put together. */
type Draft = Map<string, string>;

/** As many are put together anew for each row, and the best of them is taken. */
const DRAFTS = 10;

/** The same whichever comes first. */
function keyOf({ first, second }: Pair): string {
  const [one, other] = [`${first[0]}=${first[1]}`, `${second[0]}=${second[1]}`];
  return one < other ? `${one} & ${other}` : `${other} & ${one}`;
}

function pairsOf(factors: Factors): Pair[] {
  const values = Object.entries(factors).flatMap(([name, list]) => list.map((value) => [name, value] as const));
  return values.flatMap((first, place) =>
    values.slice(place + 1).flatMap((second) => (first[0] === second[0] ? [] : [{ first, second }])),
  );
}

/** Every pair that can be, as text: `LINK=veth & MTU=1500`. */
export function possiblePairs<F extends Factors>(factors: F, impossible: readonly Impossible<F>[]): Set<string> {
  const never = new Set(
    impossible.map(({ these }) =>
      Object.entries(these)
        .map((one) => one.join("="))
        .sort()
        .join(" & "),
    ),
  );
  return new Set(
    pairsOf(factors)
      .map(keyOf)
      .filter((key) => !never.has(key)),
  );
}

/** The pairs that one combination brings about. */
export function pairsIn<F extends Factors>(combination: Combination<F>): string[] {
  return pairsOf(Object.fromEntries(Object.entries(combination).map(([name, value]) => [name, [value]]))).map(keyOf);
}

/**
 * The same seed gives the same combinations.
 * @throws Error naming a pair that could be, but with which some factor has no value that goes with both
 */
export function pairwise<F extends Factors>(
  factors: F,
  impossible: readonly Impossible<F>[],
  seed: number,
): Combination<F>[] {
  const possible = possiblePairs(factors, impossible);
  const open = new Set(possible);
  const random = new Random(seed);
  const rows: Combination<F>[] = [];
  while (open.size > 0) {
    const start = random.pick([...open]) ?? "";
    const drafts = Array.from({ length: DRAFTS }, () => draftRow(start, factors, possible, open, random));
    const rated = drafts.flatMap((row) =>
      row === undefined ? [] : { row, news: pairsIn(row).filter((key) => open.has(key)) },
    );
    const best = rated.sort((one, other) => other.news.length - one.news.length)[0];
    if (best === undefined) throw new Error(`no combination holds ${start}`);
    for (const key of best.news) open.delete(key);
    rows.push(best.row as Combination<F>);
  }
  return rows;
}

/** Begins with a pair, and gives each other factor, in any order, the value that brings about most of the open ones. */
function draftRow(
  start: string,
  factors: Factors,
  possible: ReadonlySet<string>,
  open: ReadonlySet<string>,
  random: Random,
): Combination<Factors> | undefined {
  const draft: Draft = new Map(start.split(" & ").map((one) => one.split("=") as [string, string]));
  const rest = Object.keys(factors).filter((name) => !draft.has(name));
  for (const name of shuffled(rest, random)) {
    if (!complete(draft, name, shuffled(factors[name] ?? [], random), possible, open)) return undefined;
  }
  return Object.fromEntries(Object.keys(factors).map((name) => [name, draft.get(name) ?? ""]));
}

/** False where no value goes with what the draft has already. */
function complete(
  draft: Draft,
  name: string,
  values: readonly string[],
  possible: ReadonlySet<string>,
  open: ReadonlySet<string>,
): boolean {
  const keysWith = (value: string) => [...draft].map((second) => keyOf({ first: [name, value], second }));
  const rated = values
    .map((value) => ({ value, keys: keysWith(value) }))
    .filter(({ keys }) => keys.every((key) => possible.has(key)))
    .map(({ value, keys }) => ({ value, news: keys.filter((key) => open.has(key)).length }));
  const best = rated.sort((one, other) => other.news - one.news)[0];
  if (best !== undefined) draft.set(name, best.value);
  return best !== undefined;
}

function shuffled<Item>(list: readonly Item[], random: Random): Item[] {
  return list
    .map((item) => ({ item, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
