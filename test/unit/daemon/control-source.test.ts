import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { controlSource } from "../../../src/daemon/control-source.ts";
import { DaemonError, RequestRefusedError } from "../../../src/daemon/errors.ts";
import type { Ipmp } from "../../../src/daemon/ipmp.ts";
import type { Reloader } from "../../../src/daemon/reloader.ts";
import { PROBE, PROBES, SNAPSHOT } from "../control/support.ts";

const { version: _version, daemon: DAEMON, kernel: KERNEL, prober: PROBER, ...PICTURE } = SNAPSHOT;
const RELOADER = {} as Reloader;

/** As much of an Ipmp as the API needs; notes what it is asked. */
class FakeIpmp extends EventEmitter {
  readonly asked: string[] = [];
  refresh = async () => {
    this.asked.push("refresh");
    return PICTURE;
  };
  probes = async () => {
    this.asked.push("probes");
    return PROBES;
  };
  offline = async (name: string) => {
    if (name === "eth1") throw new RequestRefusedError("offline", name, "minimum-redundancy");
    if (name === "eth2") throw new DaemonError("STOPPED", "stopped");
  };
  online = async () => undefined;
  snapshot = () => PICTURE;
  status = () => KERNEL;
  proberStatus = () => PROBER;
}

function sourceOf(fake: FakeIpmp) {
  return controlSource(Promise.resolve(fake as unknown as Ipmp), RELOADER, DAEMON);
}

describe("what the API answers with", () => {
  it("is the picture of this moment, asked for once by a crowd", async () => {
    const fake = new FakeIpmp();
    const source = sourceOf(fake);
    for (const snapshot of await Promise.all([source.snapshot(), source.snapshot(), source.snapshot()])) {
      assert.deepEqual(snapshot, SNAPSHOT);
    }
    assert.deepEqual(fake.asked, ["refresh"]);
  });

  it("is the picture of the latest change where the worker does not answer", async () => {
    const fake = new FakeIpmp();
    fake.refresh = () => Promise.reject(new DaemonError("STOPPED", "stopped"));
    assert.deepEqual(await sourceOf(fake).snapshot(), SNAPSHOT);
  });

  it("are the statistics of probes, likewise; but those it must have", async () => {
    const fake = new FakeIpmp();
    const source = sourceOf(fake);
    assert.deepEqual(await Promise.all([source.probes(), source.probes()]), [PROBES, PROBES]);
    assert.deepEqual(fake.asked, ["probes"]);
    fake.probes = () => Promise.reject(new DaemonError("STOPPED", "stopped"));
    await assert.rejects(sourceOf(fake).probes(), { code: "STOPPED" });
  });

  it("are single probes for as long as they are followed", async () => {
    const fake = new FakeIpmp();
    const heard: number[] = [];
    const unfollow = sourceOf(fake).followProbes(({ sequence }) => heard.push(sequence));
    await Promise.resolve();
    fake.emit("probe", PROBE);
    unfollow();
    await Promise.resolve();
    fake.emit("probe", PROBE);
    assert.deepEqual(heard, [PROBE.sequence]);
    assert.equal(fake.listenerCount("probe"), 0);
  });

  it("is the reason why a request was refused; what fails otherwise, fails", async () => {
    const source = sourceOf(new FakeIpmp());
    assert.equal(await source.request("offline", "eth0", 1), undefined);
    assert.equal(await source.request("online", "eth1", 0), undefined);
    assert.equal(await source.request("offline", "eth1", 1), "minimum-redundancy");
    await assert.rejects(source.request("offline", "eth2", 1), { code: "STOPPED" });
  });
});
