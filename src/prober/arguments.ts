/** Reading arguments of callers that no compiler has checked. A complaint names the place, what was found and what is needed. */
import { inspect } from "node:util";
import { ProberError } from "./errors.ts";

/** @throws ProberError BAD_ARGUMENT */
export function refuse(place: string, found: unknown, needed: string): never {
  const shown = inspect(found, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 });
  throw new ProberError("BAD_ARGUMENT", `${place}: found ${shown}, needed ${needed}`);
}

/** An object with no other fields than these. */
export function readObject<Shape>(place: string, value: unknown, fields: readonly (keyof Shape & string)[]): Shape {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(place, value, "an object");
  for (const name of Object.keys(value)) {
    if (!(fields as readonly string[]).includes(name)) refuse(`${place}.${name}`, name, `one of ${fields.join(", ")}`);
  }
  return value as Shape;
}

export function readList(place: string, value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value)) refuse(place, value, "an array");
  if (value.length > most) refuse(`${place}.length`, value.length, `at most ${most}`);
  return value;
}

export function readText(place: string, value: unknown, most: number): string {
  if (typeof value !== "string" || value.length > most) refuse(place, value, `a text of at most ${most} characters`);
  return value;
}

export function readFlag(place: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(place, value, "true or false");
}

export function readMs(place: string, value: unknown, least: number, most: number): number {
  const fits = typeof value === "number" && value >= least && value <= most;
  return fits ? value : refuse(place, value, `milliseconds from ${least} to ${most}`);
}

export function readCount(place: string, value: unknown, most: number): number {
  const fits = Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
  return fits ? (value as number) : refuse(place, value, `a whole number from 1 to ${most}`);
}
