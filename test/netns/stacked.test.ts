/** Members that stand on cards: the kernel tells them of a lost carrier up to a second late. The daemon looks at the cards. */
import { LabDaemon } from "../support/daemon.ts";
import { untilHost } from "../support/host-picture.ts";
import { Laboratory, wireRefusal } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, standardConfiguration, standardPicture, summary } from "../support/standard-group.ts";
import { assertServed, Traffic } from "../support/traffic.ts";

const refusal = await enterSandbox();

/** A second is how long the notices are held back. */
const MOST_LOSS_MS = 400;
/** In no group: within a second of its loss the kernel tells nobody of another one. */
const OTHER_CARD = "eth2";
/** Two on eth0, of which one stands by, and one on eth1. */
const INTERFACES = "{ m0: , m1: { standby: true }, n0: { standby: true } }";
const ALL_WELL = "ok: m0 active, m1 inactive, n0 inactive";
const ALL = standardPicture(allBy("m0", ["m0", "m1", "n0"]));
const CARD_LOST = "degraded: m0 failed, m1 active, n0 failed";
const LOST = standardPicture(allBy("m1"));

function macvlanLines(name: string, card: string): string[] {
  return [`link add ${name} link ${card} type macvlan mode bridge`, `link set ${name} up`];
}

describe("members that stand on cards", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let traffic: Traffic;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    const missing = wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
    laboratory = await Laboratory.create({ wire: "tap", nics: 3, duplicateAddressDetection: false });
    const lines = [...macvlanLines("m0", "eth0"), ...macvlanLines("n0", "eth0"), ...macvlanLines("m1", "eth1")];
    await laboratory.ip("host", lines);
    daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces: INTERFACES }));
    await untilHost(laboratory, ALL);
    traffic = await Traffic.start(laboratory);
  });

  after(() => laboratory?.close());

  async function untilWell(): Promise<void> {
    await daemon.until("all to be well", (seen) => summary(seen) === ALL_WELL);
    await untilHost(laboratory, ALL);
    await traffic.untilClean();
  }

  it("are failed over before the kernel tells them, and not to others on the same card", async () => {
    await laboratory.openLinkEventWindow();
    await laboratory.pull(OTHER_CARD);
    const window = await traffic.during(async () => {
      await laboratory.pull("eth0");
      await daemon.until("the failover", (seen) => summary(seen) === CARD_LOST);
    });
    assertServed(window, MOST_LOSS_MS);
    await untilHost(laboratory, LOST);
    await traffic.untilClean();
    await laboratory.plug(OTHER_CARD);
  });

  it("are taken back when the card is well", async () => {
    const window = await traffic.through(async () => {
      await laboratory.plug("eth0");
      await untilWell();
    });
    assertServed(window);
  });

  it("are failed over when somebody sets the card down, though they keep their carrier", async () => {
    const window = await traffic.during(async () => {
      await laboratory.adminDown("eth0");
      await daemon.until("the failover", (seen) => summary(seen) === CARD_LOST);
    });
    assertServed(window, MOST_LOSS_MS);
    await untilHost(laboratory, LOST);
    await laboratory.adminUp("eth0");
    await untilWell();
  });
});
