/** Bad paths of the laboratory: each one spoils what it says, and nothing else. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { ADDRESSES, Laboratory, type WireKind, wireRefusal } from "../support/laboratory.ts";
import { doubled, ECHO, lost, lostByChance, someLost, toAddress } from "../support/port-rules.ts";
import { Responder } from "../support/responder.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";
import { readIpv4, WireTap } from "../support/wire-tap.ts";

const refusal = await enterSandbox();

const HOST = { 4: "192.0.2.10", 6: "2001:db8::10" } as const;

/** Where ICMP begins in a frame with plain headers. */
const ICMP_AT = 14 + 20;

interface Pings {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  /** Sequence numbers in the order of the replies. */
  readonly order: readonly number[];
  readonly fastestMs: number;
}

/** Echo requests every two milliseconds, by the ping of the system. */
async function ping(laboratory: Laboratory, target: string, count: number): Promise<Pings> {
  const words = ["ping", "-n", "-i", "0.002", "-W", "0.2", "-c", String(count), "-p", "ff", target];
  const { stdout } = await laboratory.run("host", words, { anyStatus: true });
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
  return {
    sent: number(/(\d+) packets transmitted/),
    received: number(/(\d+) received/),
    duplicates: number(/\+(\d+) duplicates/),
    order: [...stdout.matchAll(/icmp_seq=(\d+) ttl.*$/gm)].map((match) => Number(match[1])),
    fastestMs: number(/^rtt .* = ([\d.]+)\//m),
  };
}

/** The only card has an address, and knows its neighbours: from then on only the wanted frames travel. */
async function pingingHost(wire: WireKind): Promise<Laboratory> {
  const laboratory = await Laboratory.create({ wire, nics: 1, peer: true, duplicateAddressDetection: false });
  await laboratory.ip("host", [`address add ${HOST[4]}/24 dev eth0`, `address add ${HOST[6]}/64 dev eth0 nodad`]);
  for (const target of targets()) await assertClean(laboratory, target);
  return laboratory;
}

function targets(): string[] {
  return [ADDRESSES.router, ADDRESSES.peer].flatMap((addresses) => [addresses[4], addresses[6]]);
}

async function assertClean(laboratory: Laboratory, target: string): Promise<void> {
  const { sent, received, duplicates } = await ping(laboratory, target, 10);
  assert.deepEqual({ received, duplicates }, { received: sent, duplicates: 0 }, `${target} answers each ping once`);
}

/** Last octets of the ICMP packets to the router that arrive there. */
function octetsAt(tap: WireTap): (number | undefined)[] {
  return tap.seen((frame) => (readIpv4(frame)?.destination === ADDRESSES.router[4] ? frame.at(-1) : undefined));
}

for (const wire of ["veth", "tap"] as const satisfies readonly WireKind[]) {
  describe(`rules at a switch port with ${wire} cables`, () => {
    let laboratory: Laboratory;

    before(async function () {
      if (refusal !== undefined) skipBecause(this, refusal);
      const missing = wireRefusal(wire);
      if (missing !== undefined) skipBecause(this, missing);
      laboratory = await pingingHost(wire);
    });

    afterEach(async () => {
      await laboratory.heal("eth0");
      for (const target of targets()) await assertClean(laboratory, target);
    });

    after(() => laboratory?.close());

    for (const direction of ["in", "out"] as const) {
      it(`drop everything one way: ${direction}`, async () => {
        const tap = await WireTap.start(laboratory, "router", "lan");
        await laboratory.blackhole("eth0", direction);
        assert.equal((await ping(laboratory, ADDRESSES.router[4], 5)).received, 0);
        assert.equal(octetsAt(tap).length, direction === "in" ? 5 : 0, "requests that arrived at the router");
      });
    }

    it("drop some in every so many, exactly", async () => {
      await laboratory.filter("eth0", { out: [someLost(1, 4, ECHO[4])], in: [someLost(1, 2, ECHO[6])] });
      assert.equal((await ping(laboratory, ADDRESSES.router[4], 40)).received, 30);
      assert.equal((await ping(laboratory, ADDRESSES.router[6], 40)).received, 20);
    });

    it("drop by chance", async () => {
      await laboratory.filter("eth0", { in: [lostByChance(30, ECHO[4])] });
      const { received } = await ping(laboratory, ADDRESSES.router[4], 300);
      // Ten standard deviations from 210, to either side.
      assert.ok(received > 130 && received < 290, `${received} of 300 came through`);
    });

    it("drop echoes, and let the rest live", async () => {
      await laboratory.filter("eth0", { in: [lost(ECHO[4])] });
      assert.equal((await ping(laboratory, ADDRESSES.router[4], 5)).received, 0);
      assert.equal((await ping(laboratory, ADDRESSES.router[6], 5)).received, 5);
      // A neighbour that is not known any more is asked for and answers.
      await laboratory.ip("host", ["neighbour flush dev eth0"]);
      await ping(laboratory, ADDRESSES.router[4], 1);
      const neighbours = await laboratory.ipJson<{ dst: string; lladdr?: string }>("host", "neighbour");
      assert.ok(neighbours.find(({ dst }) => dst === ADDRESSES.router[4])?.lladdr, "ARP is answered");
    });

    it("cut off one target", async () => {
      await laboratory.filter("eth0", { out: [lost(toAddress(ADDRESSES.peer[4]))] });
      assert.equal((await ping(laboratory, ADDRESSES.peer[4], 5)).received, 0);
      assert.equal((await ping(laboratory, ADDRESSES.router[4], 5)).received, 5);
    });

    it("double what leaves", async () => {
      await laboratory.filter("eth0", { out: [doubled("router", ECHO[4])] });
      const { received, duplicates } = await ping(laboratory, ADDRESSES.router[4], 20);
      assert.equal(received, 20);
      // The ping of the system ends with the last reply, and does not wait for its double.
      assert.ok(duplicates >= 19, `${duplicates} of 20 replies came twice`);
    });
  });
}

describe("impairments of a tap cable", () => {
  let laboratory: Laboratory;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    const missing = wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
    laboratory = await pingingHost("tap");
  });

  afterEach(async () => {
    await laboratory.heal("eth0");
    for (const target of targets()) await assertClean(laboratory, target);
  });

  after(() => laboratory?.close());

  it("lose frames", async () => {
    await laboratory.impair("eth0", { loss: 10 });
    const { sent, received } = await ping(laboratory, ADDRESSES.router[4], 300);
    // Two passes of 10 %: 19 %, give or take.
    assert.ok(received > 190 && received < 290, `${received} of ${sent} came through`);
  });

  it("delay frames on both ways", async () => {
    await laboratory.impair("eth0", { delay: 5 });
    const { sent, received, fastestMs } = await ping(laboratory, ADDRESSES.router[4], 20);
    assert.equal(received, sent);
    assert.ok(fastestMs >= 10, `the fastest reply came after ${fastestMs} ms`);
  });

  it("let frames overtake others", async () => {
    await laboratory.impair("eth0", { jitter: 20 });
    const { sent, received, order } = await ping(laboratory, ADDRESSES.router[4], 200);
    assert.equal(received, sent);
    const overtaken = order.filter((sequence, place) => sequence < (order[place - 1] ?? 0));
    assert.ok(overtaken.length > 10, `${overtaken.length} of ${sent} came after a later one`);
  });

  it("double frames", async () => {
    await laboratory.impair("eth0", { duplicate: 20 });
    const { sent, received, duplicates } = await ping(laboratory, ADDRESSES.router[4], 200);
    assert.equal(received, sent);
    assert.ok(duplicates > 20, `${duplicates} of ${sent} came twice`);
  });

  it("spoil frames", async () => {
    const tap = await WireTap.start(laboratory, "router", "lan");
    await laboratory.impair("eth0", { corrupt: 100 });
    assert.equal((await ping(laboratory, ADDRESSES.router[4], 5)).received, 0);
    assert.deepEqual(octetsAt(tap), [0, 0, 0, 0, 0], "pings are filled with 0xff");
  });

  it("are refused where they make no sense", async () => {
    await assert.rejects(laboratory.impair("eth0", { loss: -1 }), { code: "CABLE_REFUSED" });
    await assert.rejects(laboratory.impair("eth0", { delay: Number.NaN }), { code: "CABLE_REFUSED" });
  });
});

describe("odd replies", () => {
  const ROUTER = ADDRESSES.router;
  let laboratory: Laboratory;
  let responder: Responder;
  let tap: WireTap;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await pingingHost("veth");
    responder = await Responder.start(laboratory, "router");
    tap = await WireTap.start(laboratory, "host", "eth0");
  });

  beforeEach(() => tap.clear());

  after(() => laboratory?.close());

  /** `SOURCE SEQUENCE` of the echo replies that arrived by IPv4. */
  function replies(): string[] {
    return tap.seen((frame) => {
      const packet = readIpv4(frame);
      const isReply = packet?.destination === HOST[4] && frame[ICMP_AT] === 0;
      return isReply ? `${packet.source} ${frame.readUInt16BE(ICMP_AT + 6)}` : undefined;
    });
  }

  it("are none before somebody says how", async () => {
    assert.equal((await ping(laboratory, ROUTER[4], 3)).received, 0);
    assert.equal((await ping(laboratory, ROUTER[6], 3)).received, 0);
    await assert.rejects(responder.requests(ROUTER[4]), { code: "RESPONDER_REFUSED" });
  });

  for (const family of [4, 6] as const) {
    it(`may be as they should be: IPv${family}`, async () => {
      await responder.answer(ROUTER[family], "honest");
      const { received, duplicates } = await ping(laboratory, ROUTER[family], 5);
      assert.deepEqual({ received, duplicates }, { received: 5, duplicates: 0 });
      assert.equal(await responder.requests(ROUTER[family]), 5);
    });

    it(`come with right numbers and wrong payloads: IPv${family}`, async () => {
      await responder.answer(ROUTER[family], { forge: 3 });
      const { received, duplicates } = await ping(laboratory, ROUTER[family], 5);
      // The kernel has found nothing wrong with them. The ping of the system ends with the last one.
      assert.equal(received, 5);
      assert.ok(duplicates >= 8, `${duplicates} of 10`);
    });
  }

  it("come twice", async () => {
    await responder.answer(ROUTER[4], "twice");
    await ping(laboratory, ROUTER[4], 2);
    const expected = [1, 1, 2, 2].map((sequence) => `${ROUTER[4]} ${sequence}`);
    await waitFor("two replies to each", replies, (seen) => isDeepStrictEqual(seen, expected));
  });

  it("come again and again", async () => {
    await responder.answer(ROUTER[4], "replay");
    await ping(laboratory, ROUTER[4], 3);
    const expected = [1, 1, 1].map((sequence) => `${ROUTER[4]} ${sequence}`);
    await waitFor("the first reply, three times", replies, (seen) => isDeepStrictEqual(seen, expected));
  });

  it("come from elsewhere", async () => {
    await responder.answer(ROUTER[4], { elsewhere: "192.0.2.99" });
    await ping(laboratory, ROUTER[4], 2);
    const expected = [1, 2].map((sequence) => `192.0.2.99 ${sequence}`);
    await waitFor("replies from elsewhere", replies, (seen) => isDeepStrictEqual(seen, expected));
  });

  it("come to one that asks, and not to the others", async () => {
    await responder.answer(ROUTER[4], "silent");
    await responder.answer(`${ROUTER[4]}<${HOST[4]}`, "honest");
    assert.equal((await ping(laboratory, ROUTER[4], 3)).received, 3);
    await responder.answer(`${ROUTER[4]}<${HOST[4]}`, "silent");
    await responder.answer(ROUTER[4], "honest");
    assert.equal((await ping(laboratory, ROUTER[4], 3)).received, 0);
  });
});
