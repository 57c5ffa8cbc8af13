import assert from "node:assert/strict";
import { Machine } from "../../../src/core/machine.ts";
import { parseConfiguration } from "../../support/simulated-configuration.ts";
import { type Observer, SimulatedDaemon } from "../../support/simulated-daemon.ts";
import { SimulatedKernel } from "../../support/simulated-kernel.ts";

const GROUP = "g: eth0 eth1; 192.0.2.10/24; spread none";

/** A machine with a kernel that has no dummy device, at rest. */
function machineAtWork() {
  const machine = new Machine();
  const kernel = new SimulatedKernel();
  const said: string[] = [];
  const observer: Observer = {
    action: (action) => {
      if (action.type === "log") said.push(action.message.id);
    },
  };
  const daemon = new SimulatedDaemon(kernel, observer, { makeMachine: () => machine });
  for (const name of ["eth0", "eth1"]) kernel.plugIn(name);
  daemon.configure(parseConfiguration([GROUP]));
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

  it("shows one member that sends where nothing is to be spread", () => {
    const [address] = machineAtWork().daemon.snapshot().addresses;
    assert.deepEqual(address?.outbound, ["eth0"]);
  });
});
