/** Pieces of the texts of messages. */
import type { Family } from "./configuration.ts";

/** As Solaris names the halves of an interface. */
export const FAMILY_WORDS: Readonly<Record<Family, string>> = { 4: "inet", 6: "inet6" };

export function ofGroup({ group }: { readonly group: string }): string {
  return group === "" ? "" : ` of group ${group}`;
}

export function inGroup({ group }: { readonly group: string }): string {
  return group === "" ? "" : ` in group ${group}`;
}

export function changedText({ times, minutes }: { readonly times: number; readonly minutes: number }): string {
  return `${times} times in ${minutes === 1 ? "a minute" : `${minutes} minutes`}`;
}

export function windowText(windowMs: number): string {
  return windowMs === 60_000 ? "minute" : `${milliseconds(windowMs / 1000)} seconds`;
}

/** Whole where it is, else to the hundredth. */
export function milliseconds(value: number): string {
  return `${Math.round(value * 100) / 100}`;
}

/** One address by its name, many by their number: a line that names a thousand helps nobody. */
export function dataAddresses(addresses: readonly string[]): string {
  return addresses.length === 1 ? `Data address ${addresses[0]}` : `${addresses.length} data addresses`;
}

export function nanoseconds(valueMs: number): string {
  return `${Math.round(valueMs * 1e6)}`;
}

/** The first ones, and how many more there are. */
export function firstOf(names: readonly string[], most: number): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}
