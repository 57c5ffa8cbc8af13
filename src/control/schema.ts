/**
 * The few words of JSON Schema that the local API needs, and a checker for them. The same schemas describe the API to
 * others and let the client refuse a broken answer, so the two can not drift apart. No library: tools start fast.
 */
export interface Schema {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly const?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** What is under every other key. */
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly anyOf?: readonly Schema[];
}

/** A `number` may be an integer as well. */
export type JsonType = "string" | "integer" | "number" | "boolean" | "null" | "object" | "array";

export const text: Schema = { type: "string" };
export const integer: Schema = { type: "integer" };
export const number: Schema = { type: "number" };
export const flag: Schema = { type: "boolean" };

export const listOf = (items: Schema): Schema => ({ type: "array", items });
/** An object with such a value under whatever key. */
export const mapOf = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
export const oneOf = (...words: readonly string[]): Schema => ({ type: "string", enum: words });
/** One of these words, each with its meaning. With `Word` given the compiler reports one that is missing here. */
export const wordOf = <Word extends string>(meanings: Readonly<Record<Word, string>>): Schema => ({
  type: "string",
  enum: Object.keys(meanings),
  description: Object.entries(meanings)
    .map(([word, meaning]) => `${word}: ${meaning}`)
    .join("; "),
});
export const either = (...schemas: readonly Schema[]): Schema => ({ anyOf: schemas });

/** An object with exactly the properties of T: the compiler reports one that is missing here. */
export function object<T>(
  properties: { readonly [Key in keyof T]-?: Schema },
  optional: readonly (keyof T)[] = [],
): Schema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key as keyof T));
  return { type: "object", properties, required };
}

export interface Strictness {
  /** True: properties and words that the schema does not name are faults, too. A newer daemon may send such. */
  readonly exact: boolean;
}

/** What is wrong with `value`, as "PATH: found, wanted", or undefined. */
export function misfit(schema: Schema, value: unknown, path: string, strictness: Strictness): string | undefined {
  if (schema.anyOf !== undefined) return misfitOfAll(schema.anyOf, value, path, strictness);
  return (
    misfitOfType(schema, value, path) ??
    misfitOfWord(schema, value, path, strictness) ??
    misfitOfSize(schema, value, path) ??
    misfitOfItems(schema, value, path, strictness) ??
    misfitOfProperties(schema, value, path, strictness)
  );
}

function misfitOfAll(schemas: readonly Schema[], value: unknown, path: string, strictness: Strictness) {
  const faults = schemas.map((schema) => misfit(schema, value, path, strictness));
  return faults.includes(undefined) ? undefined : faults.join("; or ");
}

function misfitOfType(schema: Schema, value: unknown, path: string): string | undefined {
  if (schema.type === undefined) return undefined;
  const wanted: readonly JsonType[] = typeof schema.type === "string" ? [schema.type] : schema.type;
  const found = jsonType(value);
  const fits = wanted.some((type) => type === found || (type === "number" && found === "integer"));
  return fits ? undefined : `${path}: found ${found}, wanted ${wanted.join(" or ")}`;
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isSafeInteger(value)) return "integer";
  return typeof value === "undefined" ? "nothing" : typeof value;
}

function misfitOfWord(schema: Schema, value: unknown, path: string, { exact }: Strictness): string | undefined {
  if (schema.const !== undefined && value !== schema.const) {
    return `${path}: found ${JSON.stringify(value)}, wanted ${JSON.stringify(schema.const)}`;
  }
  if (!exact || schema.enum === undefined || schema.enum.some((word) => word === value)) return undefined;
  return `${path}: found ${JSON.stringify(value)}, wanted one of ${schema.enum.join(", ")}`;
}

function misfitOfSize({ minimum }: Schema, value: unknown, path: string): string | undefined {
  if (minimum === undefined || typeof value !== "number" || value >= minimum) return undefined;
  return `${path}: found ${value}, wanted at least ${minimum}`;
}

function misfitOfItems(schema: Schema, value: unknown, path: string, strictness: Strictness): string | undefined {
  if (schema.items === undefined || !Array.isArray(value)) return undefined;
  for (const [index, item] of value.entries()) {
    const fault = misfit(schema.items, item, `${path}[${index}]`, strictness);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function misfitOfProperties(schema: Schema, value: unknown, path: string, strictness: Strictness): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  if (schema.additionalProperties !== undefined) {
    const faults = Object.entries(fields).map(([key, held]) =>
      misfit(schema.additionalProperties ?? {}, held, `${path}.${key}`, strictness),
    );
    return faults.find((fault) => fault !== undefined);
  }
  const properties = schema.properties;
  if (properties === undefined) return undefined;
  for (const [key, property] of Object.entries(properties)) {
    if (!Object.hasOwn(fields, key) && !schema.required?.includes(key)) continue;
    const fault = misfit(property, fields[key], `${path}.${key}`, strictness);
    if (fault !== undefined) return fault;
  }
  const stranger = Object.keys(fields).find((key) => !Object.hasOwn(properties, key));
  return strictness.exact && stranger !== undefined ? `${path}.${stranger}: not described` : undefined;
}
