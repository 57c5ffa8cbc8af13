/** The results as a table that reads well in a terminal and in Markdown alike. */
import { type Comparison, type Line, linesOf, type Result, type Row, type Side } from "./experiment.ts";
import type { Summary } from "./statistics.ts";

const HEAD = ["", "ipmp: median (min - max)", "peer", "ratio", "target", "met"];

export function table(results: readonly Result[]): string {
  const rows = results.flatMap(linesOf).flatMap(cells);
  const widths = HEAD.map((head, column) =>
    Math.max(...[head, ...rows.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const draw = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [draw(HEAD), rule, ...rows.map(draw)].join("\n");
}

/** The first peer stands beside us, others below. */
function cells({ row, us, comparisons, met }: Line): string[][] {
  const [first, ...others] = comparisons.filter(({ peer, summary }) => summary !== undefined || isMissing(peer));
  const title = row.unit === "" ? row.title : `${row.title} (${row.unit})`;
  const verdict = met === undefined ? "-" : met ? "yes" : "NO";
  const line = [title, us === undefined ? "broken" : figures(us), ...peerCells(first), wanted(row), verdict];
  return [line, ...others.map((other) => ["", "", ...peerCells(other), "", ""])];
}

function isMissing({ fault, absent }: Side): boolean {
  return fault !== undefined || absent !== undefined;
}

function peerCells(comparison: Comparison | undefined): string[] {
  if (comparison === undefined) return ["-", "-"];
  const { peer, summary, ratio } = comparison;
  const missing = peer.absent === undefined ? "broken" : "skipped";
  const text = summary === undefined ? missing : figures(summary);
  return [`${peer.name} ${text}`, ratio === undefined ? "-" : `${number(ratio)} x`];
}

function wanted({ target, atLeast }: Row): string {
  return target === undefined ? "-" : `${atLeast ? ">=" : "<="} ${target}`;
}

function figures({ count, median, min, max }: Summary): string {
  return count === 1 || min === max ? number(median) : `${number(median)} (${number(min)} - ${number(max)})`;
}

/** Three digits that matter. */
function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "never";
  if (value >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** What the table does not show: machine pauses, bystanders, faults. */
export function remarks(results: readonly Result[]): string[] {
  const remarksOf = ({ experiment, us, peers }: Result) =>
    [us, ...peers].flatMap((side) => remarksOn(side).map((text) => `${experiment.id}, ${side.name}: ${text}`));
  return results.flatMap(remarksOf);
}

function remarksOn({ measured, fault, absent }: Side): string[] {
  const { pulls = 0, stalls = 0, bystandersLost = 0, notes = [] } = measured ?? {};
  const texts: string[] = [];
  if (fault !== undefined) texts.push(`BROKEN: ${fault}`);
  if (absent !== undefined) texts.push(`skipped: ${absent}`);
  if (stalls > 0) texts.push(`the machine itself stood still in ${stalls} of ${pulls} pulls`);
  if (bystandersLost > 0) texts.push(`flows on other cards lost ${bystandersLost} packets in ${pulls} pulls`);
  return [...texts, ...notes];
}
