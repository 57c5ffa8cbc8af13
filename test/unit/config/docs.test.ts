/** What docs/configuration.md shows can be used as it stands. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfiguration } from "../../../src/config/index.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/configuration.md"), "utf8");
const EXAMPLES = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)]
  .map(([, text = ""]) => text)
  .filter((text) => /^groups:/m.test(text));

describe("docs/configuration.md", () => {
  for (const [index, text] of EXAMPLES.entries()) {
    it(`example ${index + 1} loads without problem or warning`, () => {
      const { problems, warnings } = parseConfiguration(text, "example.yaml");
      assert.deepEqual([...problems, ...warnings], []);
    });
  }

  it("has examples", () => assert.ok(EXAMPLES.length >= 5));
});
