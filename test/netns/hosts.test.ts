/**
 * The core scenes on hosts that differ in what others have chosen: all pairs of such choices, see test/support/host-table.ts. On each
 * host everybody reaches everybody after each scene, what can not be is said in words that name the cause, what the log says is to be
 * done helps, and a release leaves the host as it was. A single one runs alone by `--grep 'host 7:'`.
 */
import { makeHost } from "../support/host-conditions.ts";
import { HostScenes } from "../support/host-scenes.ts";
import { hostTable, titleOf } from "../support/host-table.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";

const refusal = await enterSandbox();

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
});
