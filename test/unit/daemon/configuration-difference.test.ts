import assert from "node:assert/strict";
import { parseConfiguration } from "../../../src/config/index.ts";
import { differenceText } from "../../../src/daemon/configuration-difference.ts";

const GROUPS = {
  a: "a: { interfaces: { eth0: , eth1: } }",
  b: "b: { interfaces: { eth2: , eth3: } }",
  c: "c: { interfaces: { eth4: , eth5: } }",
} as const;

function configuration(groups: readonly string[], more = "") {
  const { configuration, problems } = parseConfiguration(`groups: { ${groups.join(", ")} }\n${more}`, "f");
  assert.ok(configuration, JSON.stringify(problems));
  return configuration;
}

describe("difference of two configurations, in words", () => {
  const { a, b, c } = GROUPS;
  const two = configuration([a, b]);

  it("is nothing, whatever the order", () => {
    assert.equal(differenceText(two, configuration([b, a])), "nothing has changed");
  });

  it("names what was added, removed and changed", () => {
    assert.equal(differenceText(two, configuration([a, b, c])), "group c added");
    assert.equal(differenceText(configuration([a, b, c]), configuration([c])), "groups a, b removed");
    const changed = a.replace("eth1:", "eth1: { standby: true }");
    assert.equal(differenceText(two, configuration([changed, c])), "group c added; group b removed; group a changed");
  });

  it("tells when strangers are watched", () => {
    const watching = configuration([a, b], "track-ungrouped: true");
    assert.equal(differenceText(two, watching), "interfaces in no group are now watched");
    assert.equal(differenceText(watching, two), "interfaces in no group are no longer watched");
  });
});
