import assert from "node:assert/strict";
import {
  type InterfaceAddress,
  type KernelNotice,
  OUR_PROTOCOL,
} from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { linkOf } from "../probing/support.ts";

const ADDRESS: InterfaceAddress = {
  ...{ index: 2, family: 6, address: "fe80::2", prefixLength: 64, scope: "link" },
  ...{ protocol: OUR_PROTOCOL, tentative: false, deprecated: false },
};

function pictureAfter(...notices: KernelNotice[]): Picture {
  const picture = new Picture();
  for (const notice of notices) picture.apply(notice);
  return picture;
}

describe("the picture of the kernel", () => {
  it("takes a link that was set up for up, and knows none that is gone", () => {
    const picture = pictureAfter({ kind: "link", link: { ...linkOf(2, "eth0"), adminUp: false } });
    picture.confirm({ op: "set-link-up", index: 2 });
    picture.confirm({ op: "set-link-up", index: 3 });
    assert.deepEqual(
      [...picture.links.values()].map(({ index, adminUp }) => [index, adminUp]),
      [[2, true]],
    );
  });

  it("forgets with a link what was on it, and with a link that it never knew nothing", () => {
    const route = {
      family: 4,
      destination: "0.0.0.0/0",
      metric: 0,
      protocol: 4,
      index: 2,
      gateway: "192.0.2.1",
    } as const;
    const picture = pictureAfter(
      { kind: "link", link: linkOf(2, "eth0") },
      { kind: "address", address: ADDRESS },
      { kind: "other-route", route },
      { kind: "link-removed", index: 9, name: "eth9" },
    );
    assert.equal(picture.addresses.size, 1);
    picture.apply({ kind: "link-removed", index: 2, name: "eth0" });
    assert.deepEqual([picture.links.size, picture.addresses.size, picture.otherRoutes.size], [0, 0, 0]);
  });

  it("believes a carrier watch only of links that it knows", () => {
    const picture = pictureAfter({ kind: "carrier", index: 2, carrier: false, fired: false });
    assert.equal(picture.links.size, 0);
  });

  it("knows our link-local address of a link from others, and a usable one from one that is being checked", () => {
    const picture = pictureAfter({ kind: "address", address: { ...ADDRESS, protocol: 0, tentative: true } });
    assert.deepEqual([picture.linkLocalOfOurs(2), picture.hasUsableLinkLocal(2)], ["", false]);
    picture.apply({ kind: "address", address: { ...ADDRESS, address: "fe80::3" } });
    assert.deepEqual([picture.linkLocalOfOurs(2), picture.hasUsableLinkLocal(2)], ["fe80::3", true]);
    assert.deepEqual([picture.linkLocalOfOurs(3), picture.hasUsableLinkLocal(3)], ["", false]);
  });

  it("keeps what is left of the kept settings when some are put back", () => {
    const picture = new Picture();
    for (const key of ["a", "b"]) picture.confirm({ op: "set-setting", link: "eth0", index: 2, key, value: "1" });
    picture.confirm({ op: "restore-settings", link: "eth0", index: 2, keys: ["a"] });
    assert.deepEqual([...(picture.kept.get(2) ?? [])], ["b"]);
    picture.confirm({ op: "restore-settings", link: "eth0", index: 2, keys: ["b"] });
    picture.confirm({ op: "restore-settings", link: "", index: 5, keys: ["b"] });
    assert.equal(picture.kept.size, 0);
  });
});
