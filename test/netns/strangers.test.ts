/** Somebody deletes what is ours: it is put back. Somebody floods the kernel with notices: the end is right all the same. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { nextHopLines, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { AT_FIRST, DATA, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { Traffic } from "../support/traffic.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

describe("strangers", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, standardConfiguration());
    await untilHost(laboratory, standardPicture(AT_FIRST));
  });

  after(() => laboratory?.close());

  /** Carries out `lines`, and waits for all that is ours to be there. */
  async function afterwards(...lines: string[]): Promise<void> {
    await laboratory.ip("host", lines);
    await untilHost(laboratory, standardPicture(AT_FIRST));
  }

  async function idOf(line: RegExp): Promise<string> {
    const found = (await nextHopLines(laboratory)).find((one) => line.test(one));
    assert.ok(found, `no next hop like ${line}`);
    return found.split(" ")[0] ?? "";
  }

  it("who delete a hosting copy get it back", async () => {
    await afterwards(`address delete ${DATA.first}/32 dev eth0`);
    await afterwards(`address delete ${DATA.six}/128 dev eth0`);
  });

  it("who delete the address on the group interface get it back", async () => {
    await afterwards(`address delete ${DATA.first}/32 dev ipmp0`);
    await afterwards(`address delete ${DATA.six}/128 dev ipmp0`);
  });

  it("who delete everywhere an address that routes rely on get both back", async () => {
    await afterwards(`address delete ${DATA.first}/32 dev ipmp0`, `address delete ${DATA.first}/32 dev eth0`);
  });

  it("who delete routes get them back", async () => {
    await afterwards("route delete default metric 0");
    await afterwards("route delete 192.0.2.0/24 metric 10000");
    await afterwards("-6 route delete 2001:db8::/64 metric 128".replace("-6 ", ""));
    await afterwards("route delete broadcast 192.0.2.255 table local");
    await afterwards("route flush table main protocol 77");
  });

  it("who delete next hops and groups get them back, with their routes", async () => {
    await afterwards(`nexthop delete id ${await idOf(/ eth1 $/)}`);
    await afterwards(`nexthop delete id ${await idOf(/ eth0 192\.0\.2\.1$/)}`);
    await afterwards(`nexthop delete id ${await idOf(/\d+,\d+ $/)}`);
    await afterwards("nexthop flush protocol 77");
  });

  it("who delete the group interface get another one, and traffic goes on", async () => {
    const traffic = await Traffic.start(laboratory);
    await afterwards("link delete ipmp0");
    await traffic.untilClean();
    await traffic.stop();
  });

  it("who change a sysctl of ours have it changed back", async () => {
    const path = "/proc/sys/net/ipv4/conf/eth1/arp_ignore";
    await laboratory.run("host", ["sh", "-c", `echo 0 >${path}`]);
    // A sysctl has no notice: any change of the link has the daemon look.
    await laboratory.adminDown("eth1");
    await laboratory.adminUp("eth1");
    const look = async () => (await laboratory.run("host", ["cat", path])).stdout.trim();
    await waitFor("arp_ignore of eth1 to be 1", look, (value) => value === "1");
    await untilHost(laboratory, standardPicture(AT_FIRST));
  });

  it("who flood the kernel with changes hide nothing for long", async () => {
    process.kill(daemon.pid, "SIGSTOP");
    try {
      const pair = ["address add 10.0.0.1/32 dev lo", "address delete 10.0.0.1/32 dev lo"];
      await laboratory.ip(
        "host",
        Array.from({ length: 20_000 }, (_, index) => pair[index % 2] ?? ""),
      );
      await laboratory.ip("host", [`address delete ${DATA.second}/32 dev ipmp0`, "nexthop flush protocol 77"]);
      await laboratory.pull("eth2");
    } finally {
      process.kill(daemon.pid, "SIGCONT");
    }
    await daemon.until("the loss", (seen) => summary(seen) === "degraded: eth0 active, eth1 active, eth2 failed");
    const log = async () => daemon.log();
    await waitFor("the word of it", log, (text) => text.includes("Kernel notices were lost; reading everything again"));
    await untilHost(laboratory, standardPicture({ ...AT_FIRST, functioning: ["eth0", "eth1"] }));
    await laboratory.plug("eth2");
    await untilHost(laboratory, standardPicture(AT_FIRST));
  });
});
