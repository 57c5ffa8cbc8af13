import assert from "node:assert/strict";
import fc from "fast-check";
import { TargetList, type WantedTarget } from "../../../../src/core/probing/targets.ts";

const MINUTE_MS = 60_000;

function routers(...addresses: readonly string[]): WantedTarget[] {
  return addresses.map((address) => ({ address, kind: "router", dead: false }));
}

function listOf(...addresses: readonly string[]): TargetList {
  const list = new TargetList();
  list.sync(routers(...addresses), [], false, 0);
  return list;
}

function hosts(...addresses: readonly string[]): TargetList {
  const list = new TargetList();
  for (const address of addresses) list.addHost(address, 0);
  return list;
}

/** `R1* R2- R3! R4?`: active, unused, dead, slow. */
function show({ all }: TargetList): string {
  const marks = { active: "*", unused: "-", dead: "!", slow: "?" };
  return all.map(({ address, state }) => address + marks[state]).join(" ");
}

function setAside(list: TargetList, address: string, state: "slow" | "dead", now: number): void {
  const target = list.get(address);
  assert.ok(target);
  list.setAside(target, state, now);
}

const SEVEN = ["R1", "R2", "R3", "R4", "R5", "R6", "R7"];

describe("targets: named ones", () => {
  it("T74: seven routers: five are probed, two are spare", () => {
    const list = listOf(...SEVEN);
    assert.equal(show(list), "R1* R2* R3* R4* R5* R6- R7-");
    assert.equal(list.activeCount, 5);
  });

  it("asks configured ones first, then host routes, then routers, in their order", () => {
    const list = new TargetList();
    const wanted = [
      { address: "C", kind: "configured", dead: false },
      { address: "H", kind: "host-route", dead: false },
      { address: "R", kind: "router", dead: false },
    ] as const;
    list.sync(wanted.slice(2), [], false, 0);
    list.sync(wanted, [], false, 0);
    assert.equal(show(list), "C* H* R*");
  });

  it("makes room for a better kind of target where five are probed already", () => {
    const list = listOf(...SEVEN.slice(0, 5));
    list.sync([{ address: "C", kind: "configured", dead: false }, ...routers(...SEVEN.slice(0, 5))], [], false, 7);
    assert.equal(show(list), "C* R1* R2* R3* R4* R5-");
  });

  it("keeps the state of those that stay, and takes another kind of the same target", () => {
    const list = listOf("R1", "R2");
    setAside(list, "R1", "dead", 0);
    list.sync([{ address: "R1", kind: "configured", dead: false }, ...routers("R2")], [], false, 10);
    assert.equal(show(list), "R1! R2*");
    assert.equal(list.get("R1")?.kind, "configured");
  });

  it("a spare one takes the place of a bad one", () => {
    const list = listOf(...SEVEN);
    setAside(list, "R2", "dead", 0);
    assert.equal(show(list), "R1* R2! R3* R4* R5* R6* R7-");
  });

  it("T77: what is not wanted any more is dropped", () => {
    const list = listOf("R1", "R2");
    list.sync(routers("R2"), [], false, 0);
    assert.equal(show(list), "R2*");
    list.sync([], [], false, 0);
    assert.equal(show(list), "");
    assert.equal(list.activeCount, 0);
  });

  it("T40: while routes may have been taken by a failure their routers stay, configured ones do not", () => {
    const list = new TargetList();
    list.sync([{ address: "C", kind: "configured", dead: false }, ...routers("R1")], [], false, 0);
    list.sync(routers("R2"), [], true, 0);
    assert.equal(show(list), "R2* R1*");
    list.sync(routers("R2"), [], false, 0);
    assert.equal(show(list), "R2*");
  });
});

describe("targets: slow and dead ones", () => {
  it("come back step by step, each after more than a minute", () => {
    const list = listOf("R1", "R2");
    setAside(list, "R1", "dead", 1000);
    assert.equal(list.recover(1000 + MINUTE_MS), false);
    assert.equal(show(list), "R1! R2*");
    assert.ok(list.recover(1001 + MINUTE_MS));
    assert.equal(show(list), "R1? R2*");
    assert.equal(list.get("R1")?.isFoundDead, true, "it has not answered since");
    assert.equal(list.recover(1001 + 2 * MINUTE_MS), false);
    assert.ok(list.recover(1002 + 2 * MINUTE_MS));
    assert.equal(show(list), "R1* R2*");
    assert.equal(list.get("R1")?.isFoundDead, false);
    assert.equal(list.recover(Number.MAX_VALUE), false);
  });

  it("recover one by one", () => {
    const list = listOf("R1", "R2", "R3");
    setAside(list, "R1", "slow", 0);
    setAside(list, "R2", "slow", 10);
    assert.ok(list.recover(MINUTE_MS + 5));
    assert.equal(show(list), "R1* R2? R3*");
  });

  it("forget their round trips", () => {
    const list = listOf("R1", "R2");
    list.get("R1")?.roundTrip.sample(1, 100);
    setAside(list, "R1", "slow", 0);
    assert.equal(list.get("R1")?.roundTrip.meanMs, undefined);
  });

  it("wait as spares where five others are probed", () => {
    const list = listOf(...SEVEN.slice(0, 6));
    setAside(list, "R1", "slow", 0);
    list.recover(MINUTE_MS + 1);
    assert.equal(show(list), "R1- R2* R3* R4* R5* R6*");
  });

  it("are tried again when nobody is left: slow ones before dead ones", () => {
    const list = listOf("R1", "R2");
    setAside(list, "R1", "slow", 0);
    setAside(list, "R2", "dead", 5);
    assert.equal(show(list), "R1* R2!");
    setAside(list, "R1", "dead", 10);
    assert.equal(show(list), "R1* R2*");
  });

  it("prefer those whose minute is over, of dead and of slow ones", () => {
    for (const state of ["slow", "dead"] as const) {
      const list = listOf("R1", "R2", "R3");
      setAside(list, "R1", state, 1000);
      setAside(list, "R2", state, 0);
      setAside(list, "R3", state, MINUTE_MS + 1);
      assert.equal(list.active[0]?.address, "R2");
      assert.equal(list.activeCount, 1);
    }
  });

  it("are tried again three at a time", () => {
    const list = listOf("R1", "R2", "R3", "R4");
    for (const address of ["R1", "R2", "R3"]) setAside(list, address, "dead", 0);
    setAside(list, "R4", "dead", 0);
    assert.equal(show(list), "R1* R2* R3* R4!");
  });

  it("one that answers somebody else is tried at once, others are left alone", () => {
    const list = listOf("R1", "R2");
    setAside(list, "R1", "dead", 0);
    list.revive("R1", 5);
    assert.equal(show(list), "R1* R2*");
    list.revive("R2", 9);
    list.revive("R9", 9);
    assert.equal(list.get("R2")?.since, 0);
  });
});

describe("targets: hosts", () => {
  it("T75: seven hosts answer: five are probed, two ignored", () => {
    const list = hosts(...SEVEN);
    assert.equal(show(list), "R1* R2* R3* R4* R5*");
    assert.equal(list.addHost("R1", 0), false);
  });

  it("T76: the first router takes the place of all hosts", () => {
    const list = hosts("H1", "H2");
    list.sync(routers("R1"), [], false, 0);
    assert.equal(show(list), "R1*");
    assert.equal(list.addHost("H1", 0), false);
    assert.equal(list.hostCount, 0);
  });

  it("one that turns out to be a router goes on as such, with its round trips", () => {
    const list = hosts("H1", "H2");
    list.get("H1")?.roundTrip.sample(1, 100);
    list.sync(routers("H1"), [], false, 0);
    assert.equal(show(list), "H1*");
    assert.deepEqual([list.get("H1")?.kind, list.get("H1")?.roundTrip.meanMs], ["router", 1]);
  });

  it("T44: a bad one is dropped for good", () => {
    const list = hosts("H1", "H2", "H3");
    setAside(list, "H2", "dead", 0);
    assert.equal(show(list), "H1* H3*");
  });

  it("stand in for named ones that are dead, with one place left to try those again", () => {
    const list = listOf("R1");
    list.replaceNamed("H1", 10);
    for (const address of ["H2", "H3", "H4", "H5"]) list.addHost(address, 10);
    assert.equal(show(list), "R1! H1* H2* H3* H4*");
    list.recover(11 + MINUTE_MS);
    list.recover(12 + 2 * MINUTE_MS);
    assert.equal(show(list), "R1* H1* H2* H3* H4*");
    list.dropHosts(0);
    assert.equal(show(list), "R1*");
  });

  it("leave the stamp of a target that was dead before", () => {
    const list = listOf("R1", "R2");
    setAside(list, "R1", "dead", 5);
    list.replaceNamed("H1", 10);
    list.replaceNamed("H1", 20);
    assert.deepEqual([list.get("R1")?.since, list.get("R2")?.since], [5, 10]);
    assert.equal(show(list), "R1! R2! H1*");
  });

  it("stay beside a new target that all others hold to be dead", () => {
    const list = hosts("H1");
    list.sync([{ address: "R1", kind: "router", dead: true }], [], false, 0);
    assert.equal(show(list), "R1! H1*");
  });

  it("dropping all leaves nobody, and dead named ones are tried again", () => {
    const list = hosts("H1");
    list.dropHosts(0);
    assert.deepEqual([list.activeCount, list.hasNamed, list.admitsHosts], [0, false, true]);
    const dead = listOf("R1");
    dead.replaceNamed("H1", 0);
    dead.dropHosts(1);
    assert.equal(show(dead), "R1*");
    assert.deepEqual([dead.hasNamed, dead.admitsHosts], [true, false]);
  });
});

describe("targets: all", () => {
  it("forget their round trips, or are forgotten", () => {
    const list = listOf("R1");
    list.get("R1")?.roundTrip.sample(1, 100);
    list.forgetRoundTrips();
    assert.equal(list.get("R1")?.roundTrip.meanMs, undefined);
    list.clear();
    assert.deepEqual([show(list), list.activeCount, list.recover(Number.MAX_VALUE)], ["", 0, false]);
  });
});

describe("targets: whatever happens", () => {
  type Deed = (list: TargetList, now: number) => void;

  const address = fc.constantFrom("A", "B", "C", "D", "E", "F", "G", "H");
  const kind = fc.constantFrom("configured" as const, "host-route" as const, "router" as const);
  const wanted = fc.uniqueArray(fc.record({ address, kind, dead: fc.boolean() }), { selector: (one) => one.address });
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    fc.tuple(wanted, fc.array(address), fc.boolean()).map(([named, hosts, keep]): Deed => {
      return (list, now) => list.sync(named, hosts, keep, now);
    }),
    address.map(
      (host): Deed =>
        (list, now) =>
          list.addHost(host, now),
    ),
    address.map(
      (host): Deed =>
        (list, now) =>
          list.replaceNamed(host, now),
    ),
    address.map(
      (router): Deed =>
        (list, now) =>
          list.revive(router, now),
    ),
    fc.tuple(fc.nat(4), fc.constantFrom("slow" as const, "dead" as const)).map(([at, state]): Deed => {
      return (list, now) => {
        const target = list.active[at];
        if (target !== undefined) list.setAside(target, state, now);
      };
    }),
    fc.constant<Deed>((list, now) => list.dropHosts(now)),
    fc.constant<Deed>((list, now) => list.recover(now)),
  );

  it("there is somebody to probe while anybody is known, never more than five, and nobody twice", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(deed, fc.nat(90_000)), { maxLength: 40 }), (deeds) => {
        const list = new TargetList();
        let now = 0;
        for (const [act, laterMs] of deeds) {
          now += laterMs;
          act(list, now);
          assert.ok(list.activeCount <= 5);
          assert.equal(list.activeCount > 0, list.all.length > 0);
          assert.equal(list.activeCount, list.active.length);
          assert.equal(list.hostCount, list.hosts.length);
          assert.equal(new Set(list.all.map((one) => one.address)).size, list.all.length);
          assert.ok(list.hosts.every(({ state }) => state === "active"));
          assert.ok(!list.all.some(({ state }) => state === "unused") || list.activeCount === 5);
        }
      }),
    );
  });
});
