/** Numbered behaviour cases that the configuration decides. Those of the global defaults are in mpathd.test.ts. */
import assert from "node:assert/strict";
import { formatProblem, parseConfiguration } from "../../../src/config/index.ts";

function said(text: string): string[] {
  const { problems, warnings } = parseConfiguration(text, "ipmp.yaml");
  return [...problems, ...warnings].map(formatProblem);
}

describe("numbered cases of the configuration", () => {
  it("T85: a global IPv6 test address is taken with the warning that no probes are sent from it", () => {
    const text = `
groups:
  g:
    interfaces: { a: { test-address: "2001:db8::21/64" }, b: { test-address: "2001:db8::22/64" } }
    addresses: ["2001:db8::19/64"]`;
    assert.deepEqual(said(text), [
      "ipmp.yaml:4:38: test address: 2001:db8::21 is not link-local, so no probes are sent from it",
      "ipmp.yaml:4:78: test address: 2001:db8::22 is not link-local, so no probes are sent from it",
    ]);
  });

  it("T124: a logical interface is no member", () => {
    const text = "groups:\n  g:\n    interfaces: { a:1: , b: }\n    addresses: [192.0.2.19/24]";
    assert.deepEqual(said(text), [
      "ipmp.yaml:3:19: name: found `a:1`, wanted a name without blanks, `/`, `:`, `%` and control characters",
    ]);
  });

  it("T152: a data address that stands in two places is refused by name, with both places", () => {
    const text = `
groups:
  g:
    interfaces: { a: , b: }
    addresses: [192.0.2.19/24]
  h:
    interfaces: { c: , d: }
    addresses: [192.0.2.19/24]`;
    assert.deepEqual(said(text), [
      "ipmp.yaml:8:17: data address: found 192.0.2.19, already data address of group `g` (line 5), wanted each address once",
    ]);
  });
});
