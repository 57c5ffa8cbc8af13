/**
 * Every file of corpus/ and what is said about it, as an administrator reads it. The files are not called .yaml, since
 * formatters would put them right. To regenerate after a change of the
 * texts: IPMP_REGENERATE=1 npx mocha test/unit/config/corpus.test.ts, then review the difference.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileForm, formatProblem, type ParsedConfiguration, parseConfiguration } from "../../../src/config/index.ts";

const CORPUS = join(import.meta.dirname, "corpus");
const NAMES = readdirSync(CORPUS)
  .filter((entry) => entry.endsWith(".input"))
  .map((entry) => entry.slice(0, -".input".length));

function transcript({ configuration, problems, warnings }: ParsedConfiguration): string {
  return [
    ...problems.map(formatProblem),
    ...warnings.map((warning) => `warning: ${formatProblem(warning)}`),
    configuration === undefined ? "refused" : `loaded ${JSON.stringify(configuration, undefined, 2)}`,
    "",
  ].join("\n");
}

describe("configuration corpus", () => {
  for (const name of NAMES) {
    it(name, () => {
      const text = readFileSync(join(CORPUS, `${name}.input`), "utf8");
      const said = transcript(parseConfiguration(text, `${name}.yaml`));
      const expected = join(CORPUS, `${name}.expected`);
      if (process.env.IPMP_REGENERATE !== undefined) writeFileSync(expected, said);
      assert.equal(said, readFileSync(expected, "utf8"));
      assert.equal(said.endsWith("refused\n"), !/^(loaded|warned)-/.test(name), "named for what becomes of it");
    });
  }

  it("is given back by the API as a file that holds the same, of all that are loaded", () => {
    const parsed = NAMES.map((name) => parseConfiguration(readFileSync(join(CORPUS, `${name}.input`), "utf8"), name));
    const loaded = parsed.flatMap(({ configuration }) => configuration ?? []);
    assert.ok(loaded.length >= 5, `found ${loaded.length}`);
    for (const configuration of loaded) {
      const again = parseConfiguration(JSON.stringify(fileForm(configuration)), "again");
      assert.deepEqual([again.problems, again.configuration], [[], configuration]);
    }
  });

  it("has at least 35 refused files", () => {
    const refused = NAMES.filter((name) => !/^(loaded|warned)-/.test(name));
    assert.ok(refused.length >= 35, `found ${refused.length}`);
  });
});
