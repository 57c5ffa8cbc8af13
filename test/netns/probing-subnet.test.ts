/** Test addresses in a subnet of their own, to which the host knows no way but what the daemon makes. */
import assert from "node:assert/strict";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { dumpOf, untilHost } from "../support/host-picture.ts";
import { ADDRESSES, Laboratory } from "../support/laboratory.ts";
import { assertNobodyFailed, untilAnswered, untilJudged } from "../support/probed-group.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { summary } from "../support/standard-group.ts";

const refusal = await enterSandbox();

const BOTH = ["eth0", "eth1"] as const;
const TARGET = "10.100.0.1";
const CONFIGURATION = `groups:
  ipmp0:
    interfaces: { eth0: { test-address: 10.100.0.101/24 }, eth1: { standby: true, test-address: 10.100.0.102/24 } }
    addresses: [192.0.2.10/24]
    targets: [${TARGET}]
    failure-detection-time: 300ms
    flap-limit: off
`;
const TEST_LINES = ["10.100.0.101/32 eth0 link", "10.100.0.102/32 eth1 link"];

/** The kernel as it has to be while one member carries the data and these function. */
function pictureBy(member: string, functioning: readonly string[]) {
  return {
    addresses: ["192.0.2.10/32 ipmp0", `192.0.2.10/32 ${member}`, ...TEST_LINES],
    routes: [
      ...dataRoutes("192.0.2", member, functioning),
      `10.100.0.0/24 metric 1000000101 dev ${member} src 192.0.2.10`,
      `10.100.0.0/24 metric 1000010101 dev ${functioning.join(" ")} src 192.0.2.10`,
    ],
  };
}

function dataRoutes(net: string, member: string, functioning: readonly string[]): string[] {
  return [
    `${net}.0/24 dev ${member} src ${net}.10`,
    `${net}.0/24 metric 10000 dev ${functioning.join(" ")} src ${net}.10`,
    `broadcast ${net}.255 dev ${member} src ${net}.10`,
  ];
}

const AT_FIRST = pictureBy("eth0", BOTH);
const WITHOUT_ETH0 = pictureBy("eth1", ["eth1"]);
const WITH_DATA_ADDRESS = {
  addresses: [...AT_FIRST.addresses, "10.100.0.10/32 ipmp0", "10.100.0.10/32 eth0"],
  routes: ["192.0.2", "10.100.0"].flatMap((net) => dataRoutes(net, "eth0", BOTH)),
};

describe("test addresses in a subnet to which nothing else leads", () => {
  for (const filter of [1, 2]) {
    describe(`where the reverse path filter is ${filter}`, () => {
      let laboratory: Laboratory;
      let daemon: LabDaemon;
      let untouched: string[];

      before(async function () {
        if (refusal !== undefined) skipBecause(this, refusal);
        laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
        await laboratory.ip("router", [`address add ${TARGET}/24 dev lan`]);
        const names = ["all", "default", ...BOTH];
        const input = names.map((name) => `echo ${filter} >/proc/sys/net/ipv4/conf/${name}/rp_filter\n`).join("");
        await laboratory.run("host", ["sh", "-e"], { input });
        untouched = await dumpOf(laboratory, "host");
        daemon = await LabDaemon.start(laboratory, CONFIGURATION);
      });

      after(() => laboratory?.close());

      it("are answered, those of the active member and of the standby", async () => {
        await untilAnswered(daemon);
        await untilHost(laboratory, AT_FIRST);
        const snapshot = await untilJudged(daemon, BOTH, 20);
        assert.equal(summary(snapshot), "ok: eth0 active, eth1 inactive");
        assertNobodyFailed(daemon, snapshot);
      });

      it("are answered when the carrier of the active member is lost, and its routes with it", async () => {
        await laboratory.pull("eth0");
        await untilHost(laboratory, WITHOUT_ETH0);
        const snapshot = await untilJudged(daemon, ["eth1"], 20);
        assert.equal(summary(snapshot), "degraded: eth0 failed, eth1 active");
      });

      it("are answered when nobody had a carrier and one member is back", async () => {
        await laboratory.pull("eth1");
        await daemon.until("the group to fail", ({ groups }) => groups[0]?.state === "failed");
        await laboratory.plug("eth1");
        await daemon.until("the repair", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
        await untilHost(laboratory, WITHOUT_ETH0);
        await laboratory.plug("eth0");
        await daemon.until("the failback", (seen) => summary(seen) === "ok: eth0 active, eth1 inactive");
        await untilHost(laboratory, AT_FIRST);
      });

      it("are answered under a failed member, which is repaired by that", async () => {
        await laboratory.blackhole("eth0");
        await daemon.until("the failover", (seen) => summary(seen) === "degraded: eth0 failed, eth1 active");
        await untilHost(laboratory, WITHOUT_ETH0);
        await laboratory.heal("eth0");
        await daemon.until("the repair", (seen) => summary(seen) === "ok: eth0 active, eth1 inactive");
        await untilHost(laboratory, AT_FIRST);
      });

      it("leave the way that an administrator chose alone", async () => {
        await laboratory.ip("host", [`route add 10.100.0.0/24 via ${ADDRESSES.router[4]} dev eth1 onlink metric 9999`]);
        const [way] = await laboratory.ipJson<{ gateway?: string; dev: string }>("host", "route", "get", "10.100.0.7");
        assert.deepEqual([way?.gateway, way?.dev], [ADDRESSES.router[4], "eth1"]);
        const snapshot = await untilJudged(daemon, BOTH, 10);
        assert.equal(summary(snapshot), "ok: eth0 active, eth1 inactive");
        await untilHost(laboratory, AT_FIRST);
        await laboratory.ip("host", [`route delete 10.100.0.0/24 metric 9999`]);
      });

      it("need no route of their own beside a data address there, and nothing is left in the end", async () => {
        daemon.write(CONFIGURATION.replace("[192.0.2.10/24]", "[192.0.2.10/24, 10.100.0.10/24]"));
        daemon.hangUp();
        await untilHost(laboratory, WITH_DATA_ADDRESS);
        const snapshot = await untilJudged(daemon, BOTH, 20);
        assert.equal(summary(snapshot), "ok: eth0 active, eth1 inactive");
        assert.equal(await daemon.stop(), 0);
        assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
        assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
      });
    });
  }
});
