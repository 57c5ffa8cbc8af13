/** Which address goes where: test addresses stay, and are never the source of anything but probes. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { hostAddresses, untilHost } from "../support/host-picture.ts";
import { ADDRESSES, Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, DATA, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";

const refusal = await enterSandbox();

const INTERFACES = `{
      eth0: { test-address: [192.0.2.21/24, "fe80::21/64"] },
      eth1: { test-address: [192.0.2.22/24, "fe80::22/64"] },
      eth2: { standby: true, test-address: [192.0.2.23/24, "2001:db8::23/64"] } }`;

/** Whoever comes back has to answer ten probes first, which are over soon. */
const CONFIGURATION = `${standardConfiguration({ interfaces: INTERFACES })}    failure-detection-time: 300ms\n`;

const TEST_ADDRESSES = [
  "192.0.2.21/32 eth0 link",
  "192.0.2.22/32 eth1 link",
  "192.0.2.23/32 eth2 link",
  "2001:db8::23/128 eth2 deprecated",
  "fe80::21/64 eth0 link deprecated",
  "fe80::22/64 eth1 link deprecated",
];

describe("test addresses", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ peer: true, duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
  });

  after(() => laboratory?.close());

  /** What the kernel would send from, for a socket that leaves the choice to it. */
  async function sourceFor(destination: string): Promise<string | undefined> {
    const [route] = await laboratory.ipJson<{ prefsrc?: string }>("host", "route", "get", destination);
    return route?.prefsrc;
  }

  async function assertSources(): Promise<void> {
    for (const { 4: four, 6: six } of [ADDRESSES.router, ADDRESSES.peer, ADDRESSES.client]) {
      assert.equal(await sourceFor(four), DATA.first);
      assert.equal(await sourceFor(six), DATA.six);
    }
    // Many destinations, so that each member is chosen for some.
    for (let host = 100; host < 132; host++) {
      assert.equal(await sourceFor(`192.0.2.${host}`), DATA.first);
      assert.equal(await sourceFor(`2001:db8::${host}`), DATA.six);
    }
  }

  it("are placed beside the data addresses", async () => {
    const picture = standardPicture(AT_FIRST);
    await untilHost(laboratory, { ...picture, addresses: [...picture.addresses, ...TEST_ADDRESSES] });
  });

  it("are never chosen as a source (T180)", () => assertSources());

  it("stay on their card when it fails, and are no source then either", async () => {
    await laboratory.pull("eth0");
    await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active, eth2 active");
    const addresses = await hostAddresses(laboratory);
    assert.deepEqual(
      TEST_ADDRESSES.filter((line) => !addresses.includes(line)),
      [],
    );
    await assertSources();
  });

  it("come back when IPv6 was flushed by switching the card off", async () => {
    await laboratory.plug("eth0");
    await daemon.until("the repair", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    await laboratory.adminDown("eth2");
    await laboratory.adminUp("eth2");
    await daemon.until("the return", (seen) => summary(seen) === "ok: eth0 active, eth1 active, eth2 inactive");
    const picture = standardPicture({ ...AT_FIRST, hosts: ["eth0", "eth1", "eth1"], nominated: "eth1" });
    await untilHost(laboratory, { ...picture, addresses: [...picture.addresses, ...TEST_ADDRESSES] });
  });
});
