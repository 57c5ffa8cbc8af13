import assert from "node:assert/strict";
import type { MachineEvent } from "../../../src/core/events.ts";
import { Machine } from "../../../src/core/machine.ts";
import { parseConfiguration } from "../../support/simulated-configuration.ts";
import { type Observer, SimulatedDaemon } from "../../support/simulated-daemon.ts";
import { SimulatedKernel } from "../../support/simulated-kernel.ts";

const GROUP = "g: eth0 eth1; 192.0.2.10/24; spread none";

/** A machine with a kernel that has no dummy device, at rest. */
function machineAtWork(machine = new Machine(), group = GROUP) {
  const kernel = new SimulatedKernel();
  const said: string[] = [];
  const observer: Observer = {
    action: (action) => {
      if (action.type === "log") said.push(action.message.id);
    },
  };
  const daemon = new SimulatedDaemon(kernel, observer, { makeMachine: () => machine });
  for (const name of ["eth0", "eth1"]) kernel.plugIn(name);
  daemon.configure(parseConfiguration([group]));
  daemon.settle();
  return { machine, kernel, daemon, said };
}

describe("machine", () => {
  it("is settled when all is in place, and names what is not", () => {
    const { machine, kernel, daemon } = machineAtWork();
    assert.deepEqual([machine.settled, machine.unfinished()], [true, []]);
    kernel.refuse = ({ op }) => (op === "set-address" ? "ENOMEM" : undefined);
    daemon.configure(parseConfiguration([GROUP.replace("192.0.2.10/24", "192.0.2.10/24 192.0.2.11/24")]));
    daemon.settle();
    assert.deepEqual(machine.unfinished(), ["set-address 192.0.2.11/32 on g", "set-address 192.0.2.11/32 on eth1"]);
  });

  it("shows an address as down until the host takes what is sent to it", () => {
    const { machine, kernel, daemon } = machineAtWork();
    const states = () => machine.snapshot(String).addresses.map(({ address, state }) => `${address} ${state}`);
    assert.deepEqual(states(), ["192.0.2.10 up"]);
    kernel.refuse = ({ op }) => (op === "set-address" ? "ENOMEM" : undefined);
    daemon.configure(parseConfiguration([GROUP.replace("192.0.2.10/24", "192.0.2.10/24 192.0.2.11/24")]));
    daemon.settle();
    assert.deepEqual(states(), ["192.0.2.11 down", "192.0.2.10 up"]);
  });

  it("has a new revision when what tools show may have changed", () => {
    const { machine, kernel, daemon } = machineAtWork();
    const { revision } = machine;
    daemon.step({ type: "probe-results", results: [] });
    assert.equal(machine.revision, revision);
    kernel.setCable("eth0", false);
    daemon.settle();
    assert.ok(machine.revision > revision, `${machine.revision} is not more than ${revision}`);
  });

  it("tells once that its group interface is of another kind than usual", () => {
    const { said, daemon } = machineAtWork();
    daemon.advance(60_000);
    assert.equal(said.filter((id) => id === "stand-in").length, 1);
  });

  it("judges links alone where there is no prober, whatever test addresses there are", () => {
    const group = "g: eth0/192.0.2.20/24 eth1/192.0.2.21/24; 192.0.2.10/24; targets 192.0.2.1";
    const { kernel, daemon } = machineAtWork(new Machine({ probing: false }), group);
    const states = () => daemon.snapshot().interfaces.map(({ name, probe, state }) => `${name} ${probe} ${state}`);
    daemon.advance(60_000);
    assert.deepEqual([daemon.prober.plans, states()], [[], ["eth1 disabled ok", "eth0 disabled ok"]]);
    kernel.setCable("eth0", false);
    daemon.settle();
    assert.deepEqual(states(), ["eth1 disabled ok", "eth0 disabled failed"]);
  });

  it("tells of one target by the index of the link, also between two steps", () => {
    const group = "g: eth0/192.0.2.20/24 eth1; 192.0.2.10/24; targets 192.0.2.1";
    const { machine, kernel, daemon } = machineAtWork(new Machine(), group);
    const index = kernel.link("eth0")?.index ?? 0;
    daemon.segment.setHost("192.0.2.1", { delayMs: 2 });
    assert.deepEqual(machine.target(index, 4, "192.0.2.1"), {
      ...{ address: "192.0.2.1", kind: "configured", state: "active", meanMs: null, deviationMs: null },
    });
    daemon.advance(2_000);
    assert.equal(machine.target(index, 4, "192.0.2.1")?.meanMs, 2);
    assert.equal(machine.target(index, 4, "192.0.2.2"), undefined);
    assert.equal(machine.target(index, 6, "192.0.2.1"), undefined);
    assert.equal(machine.target(9_999, 4, "192.0.2.1"), undefined);
  });

  it("asks for one picture of the kernel at a time, and again when none has come for 5 s", () => {
    const machine = new Machine();
    const configuration = parseConfiguration([GROUP]);
    const asked = (event: MachineEvent, now: number) => machine.step(event, now).actions.map(({ type }) => type);
    assert.deepEqual(asked({ type: "configure", configuration }, 0), ["dump"]);
    assert.deepEqual(asked({ type: "configure", configuration }, 1), []);
    assert.deepEqual(asked({ type: "timer" }, 4_999), []);
    assert.deepEqual(asked({ type: "timer" }, 5_000), ["dump"]);
  });

  it("gives up requests that are not answered for 5 s, and reads what has become of them", () => {
    const { machine, kernel } = machineAtWork();
    const asked = (event: MachineEvent, now: number) =>
      machine.step(event, now).actions.flatMap(({ type }) => (type === "apply" || type === "dump" ? type : []));
    kernel.setCable("eth0", false);
    assert.deepEqual(asked({ type: "notices", notices: kernel.takeNotices() }, 0), ["apply"]);
    assert.deepEqual(asked({ type: "timer" }, 200), ["dump"]);
    assert.deepEqual(asked({ type: "dump", picture: kernel.dump(["eth0", "eth1"]) }, 200), []);
    assert.deepEqual(asked({ type: "timer" }, 4_999), []);
    assert.deepEqual(asked({ type: "timer" }, 5_000), ["dump", "apply"]);
  });

  it("shows one member that sends where nothing is to be spread", () => {
    const [address] = machineAtWork().daemon.snapshot().addresses;
    assert.deepEqual(address?.outbound, ["eth0"]);
  });
});
