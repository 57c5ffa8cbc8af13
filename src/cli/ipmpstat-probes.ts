/** ipmpstat -p: a row for each probe, as its fate becomes known. */
import type { ProbeEvent } from "../control/probes.ts";
import { humanTable, jsonObject, parsableLine, type Row } from "./columns.ts";
import type { Order } from "./ipmpstat-options.ts";
import { type NameOf, probeRow } from "./ipmpstat-rows.ts";

/** What is needed of the world for it. */
export interface ProbeSurroundings {
  /** Every single probe from now on; ends when the user has seen enough. Throws ControlError. */
  probes(): AsyncIterable<ProbeEvent>;
  screenRows(): number | undefined;
  /** When this program was started, in ms of CLOCK_MONOTONIC. */
  readonly startedAtMs: number;
  write(text: string): void;
}

/** Those that are sent and do not come back, or do. The others say nothing of the network. */
const SHOWN: ReadonlySet<string> = new Set(["answered", "lost"]);

/** Shows probes until there are no more. Rejects with ControlError. */
export async function showProbes(order: Order, nameOf: NameOf, world: ProbeSurroundings): Promise<void> {
  const linesOf = linesIn(order, world);
  for await (const probe of world.probes()) {
    if (!SHOWN.has(probe.kind)) continue;
    for (const line of linesOf(probeRow(probe, world.startedAtMs, nameOf))) world.write(`${line}\n`);
  }
}

/** How each row is written; as JSON on a line of its own, for a list has an end. */
export function linesIn(
  { form, columns }: Order,
  { screenRows }: Pick<ProbeSurroundings, "screenRows">,
): (row: Row) => string[] {
  if (form === "human") return humanTable(columns, screenRows);
  if (form === "parsable") return (row) => [parsableLine(row, columns)];
  return (row) => [JSON.stringify(jsonObject(row, columns))];
}
