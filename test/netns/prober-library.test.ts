/** The prober as a library against the real kernel: hosts that answer, that do not, and links that are down. */
import assert from "node:assert/strict";
import { type ProbePath, Prober, type ProberResult } from "../../src/prober/index.ts";
import { ADDRESSES, Laboratory } from "../support/laboratory.ts";
import { ECHO, lost } from "../support/port-rules.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const SOURCE = { 4: "192.0.2.20", 6: "2001:db8::20" } as const;
const LINK_LOCAL = { own: "fe80::20", peer: "fe80::2" } as const;
const NOBODY = "192.0.2.99";
const PATH = { interface: "eth0", source: SOURCE[4], intervalMs: 20 } as const;

type Of<Kind extends ProberResult["kind"]> = Extract<ProberResult, { readonly kind: Kind }>;

describe("the prober as a library", () => {
  let laboratory: Laboratory;
  let prober: Prober;
  let results: ProberResult[];

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, peer: true, duplicateAddressDetection: false });
    await laboratory.ip("host", [
      `address add ${SOURCE[4]}/24 dev eth0`,
      `address add ${SOURCE[6]}/64 dev eth0 nodad`,
      `address add ${LINK_LOCAL.own}/64 dev eth0 nodad`,
    ]);
    await laboratory.ip("peer", [`address add ${LINK_LOCAL.peer}/64 dev lan nodad`]);
  });

  after(() => laboratory?.close());

  beforeEach(() => {
    results = [];
    prober = Prober.open({ namespace: "/run/netns/host" });
    prober.on("result", (result) => results.push(result));
  });

  afterEach(() => prober?.close());

  function of<Kind extends ProberResult["kind"]>(kind: Kind): Of<Kind>[] {
    return results.filter((result): result is Of<Kind> => result.kind === kind);
  }

  /** The first `count` results of a kind since now that `fit`. */
  function next<Kind extends ProberResult["kind"]>(
    kind: Kind,
    count: number,
    fit: (result: Of<Kind>) => boolean = () => true,
  ): Promise<Of<Kind>[]> {
    results = [];
    const look = () => of(kind).filter(fit);
    return waitFor(`${count} times ${kind}`, look, (seen) => seen.length >= count);
  }

  it("tells answers of both families, and of link-local addresses", async () => {
    const paths: ProbePath[] = [
      { ...PATH, targets: [ADDRESSES.router[4], ADDRESSES.peer[4]] },
      { ...PATH, source: SOURCE[6], targets: [ADDRESSES.peer[6]] },
      { ...PATH, source: LINK_LOCAL.own, targets: [LINK_LOCAL.peer], name: "local" },
    ];
    prober.probe(paths);
    for (const { source = "", targets, name = "" } of paths) {
      for (const target of targets) {
        const [answer] = await next("answered", 3, (result) => result.target === target);
        assert.ok(answer);
        assert.deepEqual([answer.interface, answer.name, answer.source], ["eth0", name, source]);
        assert.equal(answer.from, target);
        assert.ok(answer.roundTripMs > 0);
        assert.ok(answer.sentAtMonotonic < performance.now() && answer.sentAt < Date.now() + 1000);
      }
    }
    assert.deepEqual(of("refused"), []);
  });

  it("counts in turn, and goes on counting when a path changes", async () => {
    prober.probe([{ ...PATH, targets: [ADDRESSES.router[4]] }]);
    const before = (await next("answered", 5)).map(({ sequence }) => sequence);
    const first = before[0] ?? 0;
    assert.deepEqual(
      before,
      before.map((_, at) => first + at),
    );
    prober.probe([{ ...PATH, targets: [ADDRESSES.peer[4]], intervalMs: 10 }]);
    const [after] = await next("answered", 1, ({ target }) => target === ADDRESSES.peer[4]);
    assert.ok(after && after.sequence > (before.at(-1) ?? 0));
  });

  it("tells what is lost, and of nobody else", async () => {
    prober.probe([{ ...PATH, targets: [ADDRESSES.router[4], NOBODY, ADDRESSES.peer[4]] }]);
    await next("lost", 2, ({ target }) => target === NOBODY);
    await laboratory.filter("eth0", { in: [lost(ECHO[4])] });
    await next("lost", 2, ({ target }) => target === ADDRESSES.peer[4]);
    await laboratory.unfilter("eth0");
    await next("answered", 2, ({ target }) => target === ADDRESSES.peer[4]);
    const rows = await prober.statistics();
    assert.deepEqual(
      rows.map(({ target }) => target),
      [ADDRESSES.router[4], NOBODY, ADDRESSES.peer[4]],
    );
    assert.deepEqual([rows[1]?.answered, rows[1]?.meanMs, rows[1]?.lossRate], [0, null, 1]);
    assert.ok(rows[2] && rows[2].answered > 0 && rows[2].lost > 0);
  });

  it("tells refusals while the link is down, and while the source is missing", async () => {
    const elsewhere = { ...PATH, interface: "eth1", source: "192.0.2.21", targets: [ADDRESSES.router[4]] };
    prober.probe([{ ...PATH, targets: [ADDRESSES.router[4]] }, elsewhere]);
    const [missing] = await next("refused", 1, (result) => result.interface === "eth1");
    assert.equal(missing?.code, "EADDRNOTAVAIL");
    await laboratory.ip("host", [`address add ${elsewhere.source}/24 dev eth1`]);
    await next("answered", 1, (result) => result.interface === "eth1");
    await laboratory.adminDown("eth1");
    const [down] = await next("refused", 1, (result) => result.interface === "eth1");
    assert.match(down?.code ?? "", /^ENET(DOWN|UNREACH)$/);
    await laboratory.adminUp("eth1");
    await next("answered", 1, (result) => result.interface === "eth1");
  });

  it("finds hosts by asking all", async () => {
    await laboratory.run("peer", ["sh", "-c", "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts"]);
    prober.probe([
      { ...PATH, targets: [], discover: true },
      { ...PATH, source: LINK_LOCAL.own, targets: [], discover: true },
    ]);
    const [four] = await next("discovered", 1, ({ family }) => family === 4);
    assert.equal(four?.from, ADDRESSES.peer[4]);
    await next("discovered", 1, ({ from }) => from === LINK_LOCAL.peer);
  });

  it("asks by ARP without an address of its own", async () => {
    prober.probe([{ interface: "eth1", method: "arp", targets: [ADDRESSES.peer[4], NOBODY], intervalMs: 20 }]);
    const [answer] = await next("answered", 2, ({ target }) => target === ADDRESSES.peer[4]);
    assert.deepEqual([answer?.source, answer?.method], ["0.0.0.0", "arp"]);
    await next("lost", 2, ({ target }) => target === NOBODY);
  });

  it("ends for await by its signal", async () => {
    prober.probe([{ ...PATH, targets: [ADDRESSES.router[4]] }]);
    const end = new AbortController();
    const kinds = new Set<string>();
    for await (const result of prober.results({ signal: end.signal })) {
      kinds.add(result.kind);
      if (kinds.has("answered")) end.abort();
    }
    assert.ok(kinds.has("answered"));
  });

  it("stays alive for other work under a flood", async () => {
    prober.removeAllListeners();
    prober.probe([{ ...PATH, targets: [ADDRESSES.router[4]], intervalMs: 1, burst: 64 }]);
    const answered = async () => (await prober.statistics())[0]?.answered ?? 0;
    await waitFor("many answers", answered, (count) => count > 1000);
    assert.equal(prober.status().dropped, 0);
  });

  it("leaves the event loop its turn when a listener is slower than the flood", async () => {
    prober.on("answered", () => {
      const until = performance.now() + 0.02;
      while (performance.now() < until);
    });
    prober.probe([{ ...PATH, targets: [ADDRESSES.router[4]], intervalMs: 1, burst: 128 }]);
    await waitFor(
      "dropped results",
      () => prober.status().dropped,
      (dropped) => dropped > 0,
    );
  });

  it("refuses what is not there", () => {
    assert.throws(() => prober.probe([{ ...PATH, interface: "eth9", targets: [NOBODY] }]), {
      code: "UNKNOWN_INTERFACE",
    });
    assert.throws(() => Prober.open({ namespace: "/run/netns/nowhere" }), {
      code: "KERNEL_REFUSED",
      errnoName: "ENOENT",
    });
  });
});
