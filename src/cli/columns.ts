/** Tables for terminals and for scripts, by the rules of Solaris's status tools. */

export interface Column<Name extends string = string> {
  /** Upper case; users may write it in any case. */
  readonly name: Name;
  /** Including the space that parts it from the next. */
  readonly width: number;
}

/** One value per column; "" is an empty value. */
export type Row<Name extends string = string> = Readonly<Record<Name, string>>;

/** A value that could not be had. */
export const UNFETCHABLE = "?";
const EMPTY = "--";
const DEFAULT_TOTAL_WIDTH = 80;
/** For a terminal of unknown height, and for a pipe. */
const DEFAULT_SCREEN_ROWS = 24;

export interface Selection<Name extends string> {
  readonly columns: readonly Column<Name>[];
  /** Names that were asked for and do not exist, as the user wrote them. */
  readonly unknown: readonly string[];
}

/** The columns named in `list` (comma-separated), in its order. */
export function selectColumns<Name extends string>(all: readonly Column<Name>[], list: string): Selection<Name> {
  const columns: Column<Name>[] = [];
  const unknown: string[] = [];
  for (const word of list.split(",")) {
    const column = all.find(({ name }) => name === word.toUpperCase());
    if (column === undefined) unknown.push(word);
    else columns.push(column);
  }
  return { columns, unknown };
}

/** As many leading columns as fit into 80 characters. */
export function defaultColumns<Name extends string>(all: readonly Column<Name>[]): readonly Column<Name>[] {
  let total = 0;
  const end = all.findIndex(({ width }) => {
    total += width;
    return total > DEFAULT_TOTAL_WIDTH;
  });
  return end === -1 ? all : all.slice(0, end);
}

/**
 * Makes lines for people of rows as they come: a header before the first one and again for each screenful. `screenRows` is asked
 * for every row, since windows change their size; undefined or 0 means unknown.
 */
export function humanTable<Name extends string>(
  columns: readonly Column<Name>[],
  screenRows: () => number | undefined,
): (row: Row<Name>) => string[] {
  const header = humanLine(
    columns,
    columns.map(({ name }) => name),
  );
  let sinceHeader = Number.POSITIVE_INFINITY;
  return (row) => {
    const perScreen = (screenRows() || DEFAULT_SCREEN_ROWS) - 1;
    const head = sinceHeader >= perScreen ? [header] : [];
    sinceHeader = head.length > 0 ? 1 : sinceHeader + 1;
    const values = columns.map(({ name }) => (row[name] === "" ? EMPTY : printable(row[name])));
    return [...head, humanLine(columns, values)];
  };
}

/** A value too long for its column is printed whole; the columns after it give up padding until all is aligned again. */
function humanLine(columns: readonly Column[], values: readonly string[]): string {
  let line = "";
  let excess = 0;
  for (const [index, { width }] of columns.entries()) {
    const value = values[index] ?? "";
    if (index === columns.length - 1) return line + value;
    const length = [...value].length;
    if (length + excess >= width) {
      excess += length - width + 1;
      line += `${value} `;
    } else {
      line += value + " ".repeat(width - excess - length);
      excess = 0;
    }
  }
  return line;
}

/** One line for scripts: values joined by colons, colons and backslashes in them escaped unless there is but one. */
export function parsableLine<Name extends string>(row: Row<Name>, columns: readonly Column<Name>[]): string {
  const values = columns.map(({ name }) => printable(row[name]));
  if (values.length === 1) return values.join("");
  return values.map((value) => value.replace(/[:\\]/g, "\\$&")).join(":");
}

/** The row as an object for JSON: lower-case keys, null for what is empty. */
export function jsonObject<Name extends string>(
  row: Row<Name>,
  columns: readonly Column<Name>[],
): Record<string, string | null> {
  return Object.fromEntries(columns.map(({ name }) => [name.toLowerCase(), row[name] === "" ? null : row[name]]));
}

/** Linux lets interface names hold control characters; they must neither break lines nor reach the terminal. */
function printable(value: string): string {
  return value.replace(/\p{Cc}/gu, UNFETCHABLE);
}
