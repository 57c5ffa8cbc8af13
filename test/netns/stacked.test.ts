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

interface Setting {
  readonly title: string;
  readonly interfaces: string;
  /** `ip` lines that put the member `name` on `card`. */
  readonly lines: (name: string, card: string) => readonly string[];
  /** Members on eth0; m1 is on eth1. */
  readonly onFirst: readonly string[];
  readonly allWell: string;
  readonly cardLost: string;
}

const SETTINGS: readonly Setting[] = [
  {
    title: "macvlans, two of them on one card",
    interfaces: "{ m0: , m1: { standby: true }, n0: { standby: true } }",
    lines: (name, card) => [`link add ${name} link ${card} type macvlan mode bridge`, `link set ${name} up`],
    onFirst: ["m0", "n0"],
    allWell: "ok: m0 active, m1 inactive, n0 inactive",
    cardLost: "degraded: m0 failed, m1 active, n0 failed",
  },
  {
    title: "bridges",
    interfaces: "{ m0: , m1: { standby: true } }",
    lines: (name, card) => [`link add ${name} type bridge`, `link set ${card} master ${name}`, `link set ${name} up`],
    onFirst: ["m0"],
    allWell: "ok: m0 active, m1 inactive",
    cardLost: "degraded: m0 failed, m1 active",
  },
];

for (const { title, interfaces, lines, onFirst, allWell, cardLost } of SETTINGS) {
  describe(`members that stand on cards: ${title}`, () => {
    let laboratory: Laboratory;
    let daemon: LabDaemon;
    let traffic: Traffic;
    const all = standardPicture(allBy("m0", [...onFirst, "m1"].sort()));
    const lost = standardPicture(allBy("m1"));

    before(async function () {
      if (refusal !== undefined) skipBecause(this, refusal);
      const missing = wireRefusal("tap");
      if (missing !== undefined) skipBecause(this, missing);
      laboratory = await Laboratory.create({ wire: "tap", nics: 3, duplicateAddressDetection: false });
      await laboratory.ip("host", [...onFirst.flatMap((name) => lines(name, "eth0")), ...lines("m1", "eth1")]);
      daemon = await LabDaemon.start(laboratory, standardConfiguration({ interfaces }));
      await untilHost(laboratory, all);
      traffic = await Traffic.start(laboratory);
    });

    after(() => laboratory?.close());

    async function untilWell(): Promise<void> {
      await daemon.until("all to be well", (seen) => summary(seen) === allWell);
      await untilHost(laboratory, all);
      await traffic.untilClean();
    }

    it("are failed over before the kernel tells them, and not to others on the same card", async () => {
      await laboratory.openLinkEventWindow();
      await laboratory.pull(OTHER_CARD);
      const window = await traffic.during(async () => {
        await laboratory.pull("eth0");
        await daemon.until("the failover", (seen) => summary(seen) === cardLost);
      });
      assertServed(window, MOST_LOSS_MS);
      await untilHost(laboratory, lost);
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
        await daemon.until("the failover", (seen) => summary(seen) === cardLost);
      });
      assertServed(window, MOST_LOSS_MS);
      await untilHost(laboratory, lost);
      await laboratory.adminUp("eth0");
      await untilWell();
    });
  });
}
