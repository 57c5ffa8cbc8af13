/** Link-local addresses of members: the kernel's are never touched, however long it checks them; ours lead to the neighbours, too. */
import assert from "node:assert/strict";
import { type InterfaceAddress, OUR_PROTOCOL } from "../../src/core/kernel-state/kernel-objects.ts";
import { ipmpd, LabDaemon } from "../support/daemon.ts";
import { Ear } from "../support/ear.ts";
import { dumpOf } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { DATA } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

/** The kernel asks so often whether somebody has the address of this card already, a second each time. */
const PROBES = { eth0: 0, eth1: 1, eth2: 2, eth3: 3 } as const;
const CARDS = Object.keys(PROBES);

const CONFIGURATION = `groups: { ipmp0: { interfaces: { eth0: , eth1: , eth2: , eth3: }, addresses: [${DATA.first}/24, "${DATA.six}/64"] } }\n`;

/** Sends a datagram to a port where nobody listens: that the neighbour refuses it tells that both ways are open. */
const KNOCK = `
  const socket = require("node:dgram").createSocket("udp6");
  socket.on("error", ({ code }) => process.exit(code === "ECONNREFUSED" ? 0 : 1));
  socket.connect(9, process.argv[1], () => setInterval(() => socket.send("?"), 100));
  setTimeout(() => process.exit(2), 10_000);
`;

describe("link-local addresses of members", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let untouched: string[];
  let ear: Ear;
  let neighbour: string;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: CARDS.length });
    ear = new Ear(laboratory, "host");
    for (const [card, probes] of Object.entries(PROBES)) await set(card, "dad_transmits", String(probes));
    await bounceAll();
    for (const card of CARDS) await untilKernels(card);
    untouched = await dumpOf(laboratory, "host");
    type Shown = { addr_info: { local: string; scope: string }[] };
    const [lan] = await laboratory.ipJson<Shown>("router", "-6", "address", "show", "lan");
    neighbour = lan?.addr_info.find(({ scope }) => scope === "link")?.local ?? "";
  });

  after(async () => {
    ear?.port.close();
    await laboratory?.close();
  });

  async function set(card: string, name: string, value: string): Promise<void> {
    await laboratory.run("host", ["sh", "-c", `echo ${value} >/proc/sys/net/ipv6/conf/${card}/${name}`]);
  }

  async function bounceAll(): Promise<void> {
    await laboratory.ip(
      "host",
      CARDS.flatMap((card) => [`link set ${card} down`, `link set ${card} up`]),
    );
  }

  /** Read by the port, which knows the marks of addresses. */
  function linkLocals(card: string): InterfaceAddress[] {
    const { index } = ear.link(card);
    return ear.port.dump([]).addresses.filter((one) => one.index === index && one.family === 6 && one.scope === "link");
  }

  function untilLinkLocal(card: string, isOurs: boolean): Promise<unknown> {
    return waitFor(
      `a usable link-local address of ${card}, and only that, made by ${isOurs ? "us" : "the kernel"}`,
      async () => linkLocals(card),
      ([only, ...others]) =>
        only?.prefixLength === 64 &&
        (only.protocol === OUR_PROTOCOL) === isOurs &&
        !only.tentative &&
        others.length === 0,
      20_000,
    );
  }

  /** The kernel has checked its own, which is the only one. */
  async function untilKernels(card: string): Promise<void> {
    await untilLinkLocal(card, false);
  }

  async function untilOurs(card: string): Promise<void> {
    await untilLinkLocal(card, true);
  }

  async function assertNeighbourReached(card: string): Promise<void> {
    await laboratory.run("host", [process.execPath, "-e", KNOCK, `${neighbour}%${card}`]);
  }

  async function assertKernelsServe(): Promise<void> {
    for (const card of CARDS) await untilKernels(card);
    for (const card of CARDS) await assertNeighbourReached(card);
    assert.doesNotMatch(daemon.log(), /refused/);
  }

  it("are left alone while the kernel checks them at the start", async () => {
    await laboratory.ip(
      "host",
      CARDS.map((card) => `link set ${card} down`),
    );
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
    await assertKernelsServe();
  });

  it("are left alone after cards were set down and up", async () => {
    await bounceAll();
    await assertKernelsServe();
  });

  it("are left alone when IPv6 is switched off and on again", async () => {
    for (const card of ["eth1", "eth2"]) await set(card, "disable_ipv6", "1");
    await daemon.until("others to host the IPv6 address", ({ addresses }) =>
      addresses.every(({ address, inbound }) => address !== DATA.six || !["eth1", "eth2"].includes(inbound ?? "eth1")),
    );
    for (const card of ["eth1", "eth2"]) await set(card, "disable_ipv6", "0");
    for (const card of CARDS) await untilKernels(card);
    for (const card of CARDS) await assertNeighbourReached(card);
  });

  it("are left alone where the kernel chooses them at random", async () => {
    await laboratory.ip("host", ["link set eth3 down", "link set eth3 addrgenmode random", "link set eth3 up"]);
    await untilKernels("eth3");
    await assertNeighbourReached("eth3");
    await laboratory.ip("host", ["link set eth3 down", "link set eth3 addrgenmode eui64", "link set eth3 up"]);
    await untilKernels("eth3");
  });

  it("are ours, with a route to the neighbours, where the kernel makes none", async () => {
    await laboratory.ip("host", ["link set eth1 addrgenmode none", "address flush dev eth1 scope link"]);
    await untilOurs("eth1");
    await assertNeighbourReached("eth1");
    await laboratory.ip("host", ["link set eth1 addrgenmode eui64"]);
  });

  it("are as before after a release", async () => {
    assert.equal(await daemon.stop(), 0);
    assert.equal((await ipmpd(laboratory, "host", "--release")).status, 0);
    assert.deepEqual(linkLocals("eth1"), []);
    await bounceAll();
    for (const card of CARDS) await untilKernels(card);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });
});
