/** docs/ipmp.schema.json is made from the schema; IPMP_REGENERATE=1 makes it anew. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationJsonSchema } from "../../../src/config/index.ts";

const FILE = join(import.meta.dirname, "../../../docs/ipmp.schema.json");

describe("JSON Schema of the configuration", () => {
  it("is as shipped", () => {
    const schema = configurationJsonSchema();
    if (process.env.IPMP_REGENERATE !== undefined) writeFileSync(FILE, `${JSON.stringify(schema, undefined, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(FILE, "utf8")), schema);
  });

  it("knows all keys and refuses others", () => {
    const schema = JSON.parse(readFileSync(FILE, "utf8"));
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual(schema.required, ["groups"]);
    const group = schema.properties.groups.additionalProperties;
    assert.deepEqual(group.required, ["interfaces"]);
    assert.deepEqual(group.properties.spread.enum, ["l3", "l4", "none"]);
    assert.ok(group.properties.interfaces.minProperties === 1);
  });
});
