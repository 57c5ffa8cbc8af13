/**
 * The core scenes on hosts that differ in what others have chosen: all pairs of such choices, see test/support/host-table.ts. On each
 * host everybody reaches everybody after each scene, what can not be is said in words that name the cause, what the log says is to be
 * done helps, and a release leaves the host as it was. A single one runs alone by `--grep 'host 7:'`.
 */
import assert from "node:assert/strict";
import { allCarried, LabDaemon } from "../support/daemon.ts";
import { configurationOf, DATA_ADDRESSES, makeHost, membersOf, PEER_ADDRESSES } from "../support/host-conditions.ts";
import { HostScenes, MENDED } from "../support/host-scenes.ts";
import { hostTable, ordinaryHost, titleOf } from "../support/host-table.ts";
import { Reach } from "../support/reach.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

interface Neighbour {
  readonly dst: string;
  readonly lladdr?: string;
  readonly state: readonly string[];
}

describe("a group on hosts that differ", () => {
  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  for (const [place, host] of hostTable().entries()) {
    it(`host ${place + 1}: ${titleOf(host)}`, async () => {
      const laboratory = await makeHost(host);
      try {
        await new HostScenes(host, laboratory).play();
      } finally {
        await laboratory.close();
      }
    });
  }

  it("is answered for by a card in no group on the same wire, which is known to be wrong", async () => {
    const host = { ...ordinaryHost(), "spare card": "on the wire" } as const;
    const laboratory = await makeHost(host);
    try {
      const daemon = await LabDaemon.start(laboratory, configurationOf(laboratory, host));
      await daemon.until("every address to be carried", allCarried);
      const [address] = DATA_ADDRESSES[4];
      const reach = await Reach.start(laboratory, { namespace: "host", address }, [
        { namespace: "peer", address: PEER_ADDRESSES[4] },
      ]);
      for (const member of membersOf(laboratory, host)) await laboratory.pull(member);
      await laboratory.ip("peer", ["neigh flush all"]);
      await reach.missing();
      const spare = laboratory.nics.at(-1) ?? "";
      const [card] = await laboratory.ipJson<{ address: string }>("host", "link", "show", spare);
      const found = await waitFor(
        "the peer to find the data address, or not",
        async () => (await laboratory.ipJson<Neighbour>("peer", "neigh")).find(({ dst }) => dst === address),
        (entry) => entry?.lladdr !== undefined || entry?.state.includes("FAILED") === true,
      );
      assert.equal(found?.lladdr, card?.address, MENDED);
    } finally {
      await laboratory.close();
    }
  });
});
