/** Some drivers tell the kernel of a lost link up to two seconds late, and know themselves. The daemon asks them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { DaemonSnapshot } from "../../src/control/client.ts";
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory, wireRefusal } from "../support/laboratory.ts";
import { LateDriver } from "../support/late-driver.ts";
import { buildThreadRefuser } from "../support/refused-threads.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import {
  allBy,
  DATA,
  ONE_AND_STANDBY,
  standardConfiguration,
  standardPicture,
  summary,
} from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const ALL_WELL = "ok: eth0 active, eth1 inactive";
const CONFIGURATION = standardConfiguration({ interfaces: ONE_AND_STANDBY });
/** After the I/O thread and the probing thread. */
const DRIVER_THREAD = 3;
const LOST = "degraded: eth0 failed, eth1 active";

describe("cards whose drivers tell late", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let driver: LateDriver;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    const missing = wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
    laboratory = await Laboratory.create({ wire: "tap", nics: 3, duplicateAddressDetection: false });
    driver = new LateDriver(laboratory.directory);
    daemon = await LabDaemon.start(laboratory, CONFIGURATION, { environment: driver.environment() });
    await untilWell();
  });

  after(() => laboratory?.close());

  async function untilWell(): Promise<void> {
    await daemon.until("all to be well", (seen) => summary(seen) === ALL_WELL);
    await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
  }

  function untilGone(): Promise<unknown> {
    const isGone = ({ interfaces }: DaemonSnapshot) => interfaces.find(({ name }) => name === "eth0")?.index === null;
    return daemon.until("the removal of eth0", isGone);
  }

  function untilLost(): Promise<unknown> {
    return daemon.until("the failover", (seen) => summary(seen) === LOST);
  }

  async function plansFired(): Promise<number> {
    return (await daemon.snapshot()).kernel.plansFired;
  }

  /** Something new of the card, which the kernel tells with the carrier that it believes in. */
  async function assertStaysLost(what: string, change: () => Promise<unknown>): Promise<void> {
    const before = daemon.log().length;
    await change();
    assert.equal(summary(await daemon.snapshot()), LOST, what);
    assert.doesNotMatch(daemon.log().slice(before), /repair|has come up/u, what);
  }

  it("are failed over by their armed plan while the kernel still believes in the link", async () => {
    const before = await plansFired();
    driver.lose("eth0");
    await untilLost();
    assert.equal(await plansFired(), before + 1);
    const [link] = await laboratory.ipJson<{ flags: string[] }>("host", "link", "show", "dev", "eth0");
    assert.ok(link?.flags.includes("LOWER_UP"), "the kernel knows, too");
  });

  it("stay failed over when the kernel tells something else of the card", async () => {
    await assertStaysLost("after a notice", async () => {
      // What is put back shows that the notice before it has been read.
      await laboratory.ip("host", ["link set dev eth0 txqueuelen 500", `addr del ${DATA.first}/32 dev eth1`]);
      await untilHost(laboratory, standardPicture(allBy("eth1")));
    });
    await assertStaysLost("after a reading of everything", () => daemon.tool("ipmpadm", "reload"));
  });

  it("are taken back when the link is back, though the kernel never knew", async () => {
    driver.find("eth0");
    await untilWell();
  });

  it("stay failed when the kernel comes to know, and are taken back when it says so", async () => {
    driver.lose("eth0");
    await untilLost();
    await assertStaysLost("when the kernel knows", async () => {
      await laboratory.pull("eth0");
      await waitForCarrier(false);
    });
    driver.find("eth0");
    await laboratory.plug("eth0");
    await untilWell();
  });

  it("are set down and up by an administrator without being disbelieved", async () => {
    await laboratory.adminDown("eth0");
    await untilLost();
    await laboratory.adminUp("eth0");
    await untilWell();
  });

  it("are judged anew when they are put in again, or come back from another namespace, though they were lost before", async () => {
    driver.lose("eth0");
    await untilLost();
    await laboratory.removeNic("eth0");
    await untilGone();
    driver.find("eth0");
    await laboratory.recreateNic("eth0");
    await untilWell();

    driver.lose("eth0");
    await untilLost();
    await laboratory.ip("host", ["link set dev eth0 netns router"]);
    await untilGone();
    driver.find("eth0");
    await laboratory.ip("router", ["link set dev eth0 netns host"]);
    await laboratory.adminUp("eth0");
    await untilWell();
    assert.doesNotMatch(daemon.log(), /said for 5 s/u, "nobody was disbelieved");
  });

  it("are asked no more once they have been wrong for long, which is said once", async () => {
    driver.lose("eth0");
    await untilLost();
    await untilWell();
    const said = daemon.log().match(/The driver of eth0 said for 5 s that there is no link/gu);
    assert.equal(said?.length, 1, daemon.log());
    assert.ok(threads(daemon).includes("ipmp-driver"), "eth1 is asked no more");
  });

  it("cost no thread where there are none", async () => {
    const neighbour = await LabDaemon.start(laboratory, "groups: {}\n", { namespace: "router" });
    assert.equal(threads(neighbour).includes("ipmp-driver"), false);
    await neighbour.stop();
  });

  it("are not asked where no thread can be had: that is said once, and all else works", async () => {
    await daemon.stop();
    const refuser = buildThreadRefuser(laboratory.directory);
    const environment = [...driver.environment(refuser), `REFUSE_THREAD=${DRIVER_THREAD}`];
    daemon = await LabDaemon.start(laboratory, CONFIGURATION, { environment });
    await untilWell();
    const said = daemon.log().match(/Drivers that tell the loss of a link late are not asked: starting a thread: /gu);
    assert.equal(said?.length, 1, daemon.log());
    await laboratory.pull("eth0");
    await untilLost();
  });

  function waitForCarrier(wanted: boolean): Promise<unknown> {
    const look = async () =>
      (await laboratory.ipJson<{ flags: string[] }>("host", "link", "show", "dev", "eth0"))[0]?.flags ?? [];
    return waitFor("the kernel to know", look, (flags) => flags.includes("LOWER_UP") === wanted);
  }
});

function threads({ pid }: LabDaemon): string[] {
  return readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, "utf8").trim());
}
