import assert from "node:assert/strict";
import { type Message, wording } from "../../../src/core/messages.ts";

describe("messages", () => {
  it("are in the words of Solaris where Solaris has some", () => {
    const messages: Message[] = [
      { id: "link-down", interface: "a" },
      { id: "link-up", interface: "a" },
      { id: "interface-failed", interface: "a", group: "g" },
      { id: "interface-repaired", interface: "a", group: "g" },
      { id: "group-failed", group: "g" },
      { id: "group-usable", interface: "a", group: "g" },
    ];
    assert.deepEqual(
      messages.map((message) => wording(message)),
      [
        "The link has gone down on a",
        "The link has come up on a",
        "IP interface failure detected on a of group g",
        "IP interface repair detected on a of group g",
        "All IP interfaces in group g are now unusable",
        "At least 1 IP interface (a) in group g is now usable",
      ].map((text) => ({ level: "error", text })),
    );
  });

  it("name one address that moved, and count many", () => {
    const moved = (addresses: string[]) =>
      wording({ id: "addresses-moved", addresses, group: "g", from: "a", to: "b" }).text;
    assert.equal(moved(["192.0.2.10"]), "Data address 192.0.2.10 of group g moved from a to b");
    assert.equal(moved(["192.0.2.10", "192.0.2.11"]), "2 data addresses of group g moved from a to b");
  });
});
