/**
 * Second opinions: the npm packages `netlink` and `raw-socket`, of which no line is ours, look at the same kernel and the same
 * addresses. They work in child processes only: in ours a fault of theirs would end the run.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type InterfaceAddress,
  type KernelPicture,
  type Link,
  OUR_PROTOCOL,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { Rtnetlink } from "../../src/kernel/index.ts";
import { LabDaemon } from "../support/daemon.ts";
import { type HostPicture, untilHost } from "../support/host-picture.ts";
import { Laboratory, type Namespace } from "../support/laboratory.ts";
import { ended, run } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import {
  AT_FIRST,
  allBy,
  DATA,
  ONE_AND_STANDBY,
  standardConfiguration,
  standardPicture,
} from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const READER = fileURLToPath(new URL("../support/second-reader.mjs", import.meta.url));
const PROBER = fileURLToPath(new URL("../support/second-prober.mjs", import.meta.url));

/** The state that the daemon comes to when eth0 of eth0, eth1 and standby eth2 has failed. */
const WITHOUT_ETH0 = standardPicture({
  hosts: ["eth2", "eth1", "eth1"],
  carrying: ["eth1", "eth2"],
  functioning: ["eth1", "eth2"],
  nominated: "eth1",
});

/** Why a package can not be loaded here, or undefined: one lacks prebuilt binaries for some machines, the other has none. */
async function packageRefusal(name: string): Promise<string | undefined> {
  const { status, stderr } = await run([process.execPath, "-e", `require("${name}")`], { anyStatus: true });
  const why = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? stderr.trim();
  return status === 0
    ? undefined
    : `the npm package ${name} can not be loaded (${why}); "npm rebuild ${name}" builds it`;
}

type SeenLink = Pick<Link, "index" | "name" | "alias" | "adminUp" | "carrier" | "hardwareAddress" | "mtu" | "master">;
type SeenAddress = Omit<InterfaceAddress, "protocol">;

/** What both readers can tell. */
interface Seen extends Pick<KernelPicture, "nextHops" | "routes"> {
  readonly links: readonly SeenLink[];
  readonly addresses: readonly SeenAddress[];
}

function inOrder<Entry>(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

/** In any order, and without routes that are not ours: our reader leaves those out. */
function comparable(seen: Seen): Seen {
  return {
    links: inOrder(seen.links),
    addresses: inOrder(seen.addresses),
    nextHops: inOrder(seen.nextHops),
    routes: inOrder(seen.routes.filter(({ protocol }) => protocol === OUR_PROTOCOL)),
  };
}

async function secondReading(laboratory: Laboratory): Promise<Seen> {
  const { stdout } = await laboratory.run("host", [process.execPath, READER]);
  return comparable(JSON.parse(stdout) as Seen);
}

function ourReading(laboratory: Laboratory): Seen {
  const settingsFile = `${laboratory.directory}/second-opinion.json`;
  const ears = { notices: () => {}, overrun: () => {} };
  const port = Rtnetlink.open({ netns: "/run/netns/host", settingsFile, realtime: false }, ears);
  try {
    const { links, addresses, nextHops, routes } = port.dump([]);
    return comparable({
      links: links.map(({ index, name, alias, adminUp, carrier, hardwareAddress, mtu, master }) => {
        return { index, name, alias, adminUp, carrier, hardwareAddress, mtu, master };
      }),
      addresses: addresses.map(({ protocol: _, ...rest }) => rest),
      nextHops,
      routes,
    });
  } finally {
    port.close();
  }
}

/** Addresses of ours as lines, as in a host picture. */
function addressLines({ addresses, links }: Seen): string[] {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const data: readonly string[] = Object.values(DATA);
  return addresses
    .filter(({ address }) => data.includes(address))
    .map(({ address, prefixLength, index }) => `${address}/${prefixLength} ${names.get(index)}`)
    .sort();
}

function destinationText(destination: string): string {
  return destination.replace(/^(0\.0\.0\.0|::)\/0$/, "default").replace(/\/(32|128)$/, "");
}

/** Routes of ours as lines, as in a host picture. */
function routeLines({ routes, nextHops, links }: Seen): string[] {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const hops = new Map(nextHops.map((hop) => [hop.id, hop]));
  const lines = routes.map(({ type, destination, metric, nextHopId, source }) => {
    const top = hops.get(nextHopId);
    const singles = top?.group.length === 0 ? [top] : (top?.group.map((id) => hops.get(id)) ?? []);
    const gateway = singles[0]?.gateway ?? "";
    const words = [
      type === "unicast" ? "" : type,
      destinationText(destination),
      metric === 0 ? "" : `metric ${metric}`,
      gateway === "" ? "" : `via ${gateway}`,
      `dev ${singles
        .map((hop) => names.get(hop?.index ?? 0))
        .sort()
        .join(" ")}`,
      `src ${source}`,
    ];
    return words.filter((word) => word !== "").join(" ");
  });
  return lines.sort();
}

describe("the kernel as the npm package netlink reads it", () => {
  let laboratory: Laboratory;

  before(async function () {
    const reason = refusal ?? (await packageRefusal("netlink"));
    if (reason !== undefined) skipBecause(this, reason);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    await LabDaemon.start(laboratory, standardConfiguration());
  });

  after(() => laboratory?.close());

  async function assertAgreed(wanted: HostPicture): Promise<void> {
    await untilHost(laboratory, wanted);
    const seen = await secondReading(laboratory);
    assert.deepEqual(seen, ourReading(laboratory));
    assert.deepEqual(addressLines(seen), [...wanted.addresses].sort());
    assert.deepEqual(routeLines(seen), [...wanted.routes].sort());
  }

  it("is what we read, and as wanted", () => assertAgreed(standardPicture(AT_FIRST)));

  it("is so after a failover as well", async () => {
    await laboratory.pull("eth0");
    await assertAgreed(WITHOUT_ETH0);
  });
});

const TARGETS: readonly string[] = Object.values(DATA);

/** One prober at work, and what became of each of its echo requests. */
class Prober {
  /** `ADDRESS SEQUENCE` of every request, and of every answer. */
  readonly #sent: string[] = [];
  readonly #answered: string[] = [];
  readonly #child: ChildProcess;

  constructor(laboratory: Laboratory, namespace: Namespace) {
    const words = [process.execPath, PROBER, ...TARGETS];
    this.#child = laboratory.spawn(namespace, words, { stdio: ["pipe", "pipe", "inherit"] });
    assert.ok(this.#child.stdout);
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const [word, ...request] = line.split(" ");
      (word === "sent" ? this.#sent : this.#answered).push(request.join(" "));
    });
  }

  /** Every one of the next `count` requests is answered. Those before may be lost. */
  async untilServed(what: string, count: number): Promise<void> {
    const from = this.#sent.length;
    const missing = () => {
      const requests = this.#sent.slice(from, from + count);
      return requests.length < count ? ["not sent yet"] : requests.filter((one) => !this.#answered.includes(one));
    };
    await waitFor(`answers ${what}`, missing, (requests) => requests.length === 0);
  }

  /** Answers that came more than once. */
  get repeated(): string[] {
    return this.#answered.filter((one, place) => this.#answered.indexOf(one) < place);
  }

  /** Ends its input. Resolves with the exit status. */
  finish(): Promise<number> {
    this.#child.stdin?.end();
    return ended(this.#child);
  }
}

/** Echo requests that must all be answered: twenty to each address. */
const REQUESTS = 20 * TARGETS.length;

for (const namespace of ["client", "router"] as const) {
  describe(`data addresses as the npm package raw-socket probes them from the ${namespace}`, () => {
    let laboratory: Laboratory;
    let prober: Prober;

    before(async function () {
      const reason = refusal ?? (await packageRefusal("raw-socket"));
      if (reason !== undefined) skipBecause(this, reason);
      laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
      await LabDaemon.start(laboratory, standardConfiguration({ interfaces: ONE_AND_STANDBY }));
      await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
      prober = new Prober(laboratory, namespace);
    });

    after(() => laboratory?.close());

    it("answer", () => prober.untilServed("before the failure", REQUESTS));

    it("answer from the moment that they have moved", async () => {
      await laboratory.pull("eth0");
      await untilHost(laboratory, standardPicture(allBy("eth1")));
      await prober.untilServed("after the failure", REQUESTS);
    });

    it("answer from the moment that they have moved back, and never twice", async () => {
      await laboratory.plug("eth0");
      await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
      await prober.untilServed("after the return", REQUESTS);
      assert.deepEqual(prober.repeated, []);
      assert.equal(await prober.finish(), 0);
    });
  });
}
