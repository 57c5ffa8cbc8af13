import assert from "node:assert/strict";
import type { Link } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Stacks } from "../../../../src/core/kernel-state/stacking.ts";
import { linkOf } from "../probing/support.ts";

function stacksOf(...all: readonly Link[]): Stacks {
  const stacks = new Stacks();
  for (const link of all) stacks.put(link);
  return stacks;
}

const CARRIES_NOTHING: readonly Partial<Link>[] = [{ carrier: false }, { adminUp: false }, { running: false }];

describe("links that stand on others", () => {
  const card = linkOf(1, "eth0");
  const vlan = { ...linkOf(2, "eth0.100"), lower: 1 };
  const macvlan = { ...linkOf(3, "m0"), lower: 2 };

  it("are followed down to the last one that is known", () => {
    assert.deepEqual(stacksOf(card, vlan, macvlan).stackOf(3), [3, 2, 1]);
    assert.deepEqual(stacksOf(vlan, macvlan).stackOf(3), [3, 2]);
    assert.deepEqual(stacksOf(card).stackOf(3), []);
  });

  it("that stand on each other are followed once", () => {
    const ring = stacksOf(vlan, { ...card, lower: 2 });
    assert.deepEqual(ring.stackOf(2), [2, 1]);
    assert.deepEqual(ring.standingOn(2), [1]);
    assert.ok(ring.withCarrierBelow(vlan).carrier);
  });

  it("carry nothing where one below does not", () => {
    const carries = (changed: Partial<Link>) =>
      stacksOf({ ...card, ...changed }, vlan, macvlan).withCarrierBelow(macvlan).carrier;
    assert.ok(carries({}));
    for (const changed of CARRIES_NOTHING) assert.ok(!carries(changed));
    assert.ok(!stacksOf(card, vlan, macvlan).withCarrierBelow({ ...macvlan, carrier: false }).carrier);
  });
});

describe("links that are carried by their ports", () => {
  const bridge = { ...linkOf(5, "br0"), kind: "bridge" };
  const card = { ...linkOf(1, "eth0"), master: 5 };
  const tap = { ...linkOf(2, "tap0"), master: 5 };
  const vlan = { ...linkOf(6, "br0.100"), lower: 5 };

  it("stand on all of them, and are followed from above and from below", () => {
    const stacks = stacksOf(vlan, bridge, card, tap);
    assert.deepEqual(stacks.stackOf(6), [6, 5, 1, 2]);
    assert.deepEqual(stacks.standingOn(1), [5, 6]);
    assert.deepEqual([...stacks.standing], [vlan, bridge]);
  });

  it("carry nothing once none of the ports does, and nor does what stands on them", () => {
    for (const kind of ["bridge", "bond", "team"]) {
      const carry = (...ports: readonly Link[]) => {
        const stacks = stacksOf(vlan, { ...bridge, kind }, ...ports);
        return [bridge, vlan].map(
          (link) => stacks.withCarrierBelow({ ...link, kind: link === vlan ? "" : kind }).carrier,
        );
      };
      assert.deepEqual(carry(card), [true, true]);
      for (const changed of CARRIES_NOTHING) {
        assert.deepEqual(carry({ ...card, ...changed }), [false, false]);
        assert.deepEqual(carry({ ...card, ...changed }, tap), [true, true]);
        assert.deepEqual(carry({ ...card, ...changed }, { ...tap, ...changed }), [false, false]);
      }
      assert.deepEqual(carry(), [false, false], "one without ports leads nowhere");
    }
  });

  it("are lost with one port only where that is the last one that works", () => {
    const isLost = (...ports: readonly Link[]) => stacksOf(vlan, bridge, ...ports).isLostWith(vlan, 1);
    assert.ok(isLost(card));
    assert.ok(!isLost(card, tap));
    assert.ok(isLost(card, { ...tap, carrier: false }));
    assert.ok(stacksOf(vlan).isLostWith(vlan, 6));
  });

  it("are those of kinds that need a port: a VRF and a virtual card with a real one go on without", () => {
    for (const kind of ["vrf", ""]) {
      const stacks = stacksOf({ ...bridge, kind }, { ...card, carrier: false });
      assert.deepEqual(stacks.stackOf(5), [5]);
      assert.deepEqual(stacks.standingOn(1), []);
      assert.ok(stacks.withCarrierBelow({ ...bridge, kind }).carrier);
    }
  });

  it("lose a port that is taken out or goes away", () => {
    const stacks = stacksOf(bridge, card, tap);
    stacks.put({ ...card, master: 0 });
    assert.deepEqual(stacks.stackOf(5), [5, 2]);
    stacks.drop(2);
    assert.deepEqual(stacks.stackOf(5), [5]);
    assert.deepEqual(stacks.standingOn(2), []);
  });

  it("are followed to eight of many ports, those first that work", () => {
    const ports = Array.from({ length: 20 }, (_, at) => ({
      ...linkOf(10 + at, `tap${at}`),
      master: 5,
      carrier: at >= 5,
    }));
    assert.deepEqual(stacksOf(bridge, ...ports).stackOf(5), [5, 15, 16, 17, 18, 19, 20, 21, 22]);
  });
});
