/** The results as a table that reads well in a terminal and in Markdown alike. */
import { type Line, linesOf, type Result, type Side } from "./experiment.ts";
import type { Summary } from "./statistics.ts";

const HEAD = ["", "ipmpd: median (min - max)", "keepalived", "ratio", "target", "met"];

export function table(results: readonly Result[]): string {
  const rows = results.flatMap((result) => linesOf(result).map((line) => cells(line, result)));
  const widths = HEAD.map((head, column) =>
    Math.max(...[head, ...rows.map((row) => row[column] ?? "")].map(({ length }) => length)),
  );
  const draw = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [draw(HEAD), rule, ...rows.map(draw)].join("\n");
}

function cells({ row, us, peer, ratio, met }: Line, result: Result): string[] {
  return [
    `${row.title} (${row.unit})`,
    figures(us),
    result.peer === undefined ? "-" : figures(peer),
    ratio === undefined ? "-" : `${number(ratio)} x`,
    `${row.atLeast ? ">=" : "<="} ${row.target}`,
    met ? "yes" : "NO",
  ];
}

function figures(summary: Summary | undefined): string {
  if (summary === undefined) return "broken";
  const { count, median, min, max } = summary;
  return count === 1 ? number(median) : `${number(median)} (${number(min)} - ${number(max)})`;
}

/** Three digits that matter. */
function number(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** What the table does not show: machine pauses, bystanders, faults. */
export function remarks(results: readonly Result[]): string[] {
  return results.flatMap(({ experiment, us, peer }) => [
    ...remarksOn(us).map((text) => `${experiment.id}, ipmpd: ${text}`),
    ...(peer === undefined ? [] : remarksOn(peer)).map((text) => `${experiment.id}, keepalived: ${text}`),
  ]);
}

function remarksOn({ measured, fault }: Side): string[] {
  const { pulls = 0, stalls = 0, bystandersLost = 0 } = measured ?? {};
  const texts: string[] = [];
  if (fault !== undefined) texts.push(`BROKEN: ${fault}`);
  if (stalls > 0) texts.push(`the machine itself stood still in ${stalls} of ${pulls} pulls`);
  if (bystandersLost > 0) texts.push(`flows on other cards lost ${bystandersLost} packets in ${pulls} pulls`);
  return texts;
}
