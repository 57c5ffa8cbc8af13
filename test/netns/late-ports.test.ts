/** A switch with spanning tree: its ports forward nothing for a while after their links have come up. */
import assert from "node:assert/strict";
import { LabDaemon } from "../support/daemon.ts";
import { Laboratory } from "../support/laboratory.ts";
import { run } from "../support/processes.ts";
import { Reach } from "../support/reach.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { DATA, summary } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

/** The shortest that spanning tree allows, in hundredths of a second. A port listens for so long, and learns for as long again. */
const FORWARD_DELAY = 200;
const DELAY_S = 6;
/** Everybody is answered well within this time, and nobody through a port that has only begun to listen. */
const ROUND_MS = 1_500;
const DEADLINE_MS = 30_000;

const numbers = Array.from({ length: 20 }, (_, at) => 101 + at);
const PEERS = { 4: numbers.map((n) => `192.0.2.${n}`), 6: numbers.map((n) => `2001:db8::${n}`) } as const;

const WELL = "ok: eth0 active, eth1 active";
const ONE = "degraded: eth0 failed, eth1 active";

/** `targets`: whom a member asks that waits. */
function configuration(delay: string, targets: readonly string[] = []): string {
  return [
    "groups:",
    "  ipmp0:",
    "    interfaces: { eth0: , eth1: }",
    `    addresses: [{ address: ${DATA.first}/24, prefer: eth0 }, ${DATA.second}/24, "${DATA.six}/64"]`,
    "    flap-limit: off",
    `    link-up-delay: ${delay}`,
    `    targets: [${targets.join(", ")}]`,
    "",
  ].join("\n");
}

describe("a switch port that forwards late", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;
  let reach: Reach;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, peer: true, duplicateAddressDetection: false });
    await laboratory.ip("peer", [
      ...PEERS[4].map((address) => `address add ${address}/24 dev lan`),
      ...PEERS[6].map((address) => `address add ${address}/64 dev lan nodad`),
    ]);
    await laboratory.ip("switch", [`link set bridge type bridge stp_state 1 forward_delay ${FORWARD_DELAY}`]);
    for (const port of ["sw0", "sw1", "port-peer"]) await untilForwarding(port);
    daemon = await LabDaemon.start(laboratory, configuration("off"));
    await until(WELL);
    reach = await Reach.start(laboratory, { namespace: "host", address: Object.values(DATA).join() }, [
      { namespace: "peer", address: [...PEERS[4], ...PEERS[6]].join() },
    ]);
    assert.deepEqual(await missing(DEADLINE_MS), []);
  });

  after(() => laboratory?.close());

  function until(words: string): Promise<unknown> {
    return daemon.until(words, (seen) => summary(seen) === words, DEADLINE_MS);
  }

  async function portState(port: string): Promise<string> {
    const { stdout } = await run(["bridge", "-json", "-n", "switch", "link", "show", "dev", port]);
    return (JSON.parse(stdout) as { state: string }[])[0]?.state ?? "";
  }

  function untilForwarding(port: string): Promise<unknown> {
    return waitFor(
      `${port} to forward`,
      () => portState(port),
      (state) => state === "forwarding",
      DEADLINE_MS,
    );
  }

  /** Of all pairs those that are not answered, asked for so long at most. */
  function missing(deadlineMs = ROUND_MS): Promise<string[]> {
    return reach.lastMissing(deadlineMs);
  }

  async function pull(): Promise<void> {
    await laboratory.pull("eth0");
    await until(ONE);
    assert.deepEqual(await missing(DEADLINE_MS), []);
    await laboratory.plug("eth0");
  }

  it("leaves peers deaf without a delay", async () => {
    await pull();
    await until(WELL);
    const unanswered = await missing();
    assert.notEqual(await portState("sw0"), "forwarding");
    assert.ok(unanswered.length >= PEERS[4].length, `only these went unanswered: ${unanswered.join(", ")}`);
    await untilForwarding("sw0");
    assert.deepEqual(await missing(DEADLINE_MS), []);
  });

  it("carries nothing before it forwards, with a delay that is long enough", async () => {
    daemon.write(configuration(`${DELAY_S}s`));
    await daemon.client.reload();
    await pull();
    const rounds: string[] = [];
    let words = "";
    do {
      const state = await portState("sw0");
      const unanswered = await missing();
      const snapshot = await daemon.snapshot();
      const reason = snapshot.interfaces.find(({ name }) => name === "eth0")?.reason;
      words = summary(snapshot);
      rounds.push(`${state}: ${words} (${reason})`);
      assert.deepEqual(unanswered, [], rounds.join("\n"));
    } while (words !== WELL);
    assert.deepEqual(await missing(), []);
    // It has been seen at work: the port was deaf while the member waited for it.
    const isWaiting = (round: string) => /^(listening|learning): degraded: .* \(link-up-delay\)$/.test(round);
    assert.ok(rounds.some(isWaiting), rounds.join("\n"));
    assert.match(
      daemon.log(),
      /IP interface eth0 of group ipmp0 waits for its switch port .* for [56](\.\d+)? s \(link-up-delay\)/,
    );
    const { stdout } = await daemon.ipmpstat("-P", "-a", "-o", "address,inbound");
    assert.match(stdout, new RegExp(`^${DATA.first}:eth0$`, "m"));
  });

  it("carries all as soon as a neighbour answers there, and nothing before", async () => {
    daemon.write(configuration("10m", [PEERS[4][0] ?? "", PEERS[4][1] ?? ""]));
    await daemon.client.reload();
    await pull();
    let state = "";
    let words = "";
    const rounds: string[] = [];
    do {
      const unanswered = await missing();
      words = summary(await daemon.snapshot());
      state = await portState("sw0");
      rounds.push(`${state}: ${words}`);
      assert.deepEqual(unanswered, [], rounds.join("\n"));
    } while (words !== WELL && state !== "forwarding");
    await until(WELL);
    assert.deepEqual(await missing(), []);
    assert.match(
      daemon.log(),
      /192\.0\.2\.10[12] answers on IP interface eth0 of group ipmp0: its switch port forwards/,
    );
    daemon.write(configuration(`${DELAY_S}s`));
    await daemon.client.reload();
  });

  it("carries all at once when the other one is lost meanwhile", async () => {
    await pull();
    await laboratory.pull("eth1");
    await until("degraded: eth0 active, eth1 failed");
    await untilForwarding("sw0");
    assert.deepEqual(await missing(DEADLINE_MS), []);
    await laboratory.plug("eth1");
    await until(WELL);
    assert.deepEqual(await missing(), []);
  });
});
