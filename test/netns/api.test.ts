/** The local API of the real daemon: what it answers is exactly what its description says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { misfit, type Schema } from "../../src/control/schema.ts";
import { SCHEMAS } from "../../src/control/schemas.ts";
import { LabDaemon } from "../support/daemon.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { standardConfiguration, summary } from "../support/standard-group.ts";
import { exchange } from "../unit/control/support.ts";

const refusal = await enterSandbox();

/** Every kind of thing that a configuration may hold. */
const CONFIGURATION = `track-ungrouped: true
flap-limit: off
${standardConfiguration({
  interfaces: "{ eth0: { test-address: 192.0.2.21/24 }, eth1: , eth2: { standby: true } }",
})}    targets: [192.0.2.1]
`;

const READABLE: Readonly<Record<string, Schema>> = {
  "/v1/snapshot": SCHEMAS.Snapshot,
  "/v1/groups": SCHEMAS.Groups,
  "/v1/interfaces": SCHEMAS.Interfaces,
  "/v1/addresses": SCHEMAS.Addresses,
  "/v1/targets": SCHEMAS.Targets,
  "/v1/config": SCHEMAS.Configuration,
};

describe("the local API of a daemon at work", () => {
  let laboratory: Laboratory;
  let daemon: LabDaemon;

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ duplicateAddressDetection: false });
    daemon = await LabDaemon.start(laboratory, CONFIGURATION);
  });

  after(() => laboratory?.close());

  /** Status and JSON, through the socket of this name. */
  async function ask(socket: "control" | "status", path: string, method = "GET", body = "") {
    const reply = await exchange(join(daemon.runtimeDir, `${socket}.sock`), path, { method }, body);
    return { status: reply.status, value: JSON.parse(reply.body) };
  }

  function assertFits(schema: Schema, value: unknown, path: string): void {
    assert.equal(misfit(schema, value, path, { exact: true }), undefined);
  }

  /** Takes `card` out of service by the API, and back. */
  async function change(card: string, op: "offline" | "online"): Promise<void> {
    const { status, value } = await ask("control", `/v1/interfaces/${card}/${op}`, "POST");
    assert.deepEqual([status, value], [200, { warnings: [] }]);
  }

  it("fits its description, field for field, while a card is offline and another one has failed", async () => {
    await change("eth1", "offline");
    await laboratory.pull("eth0");
    await daemon.until("both gone", (seen) => summary(seen) === "degraded: eth0 failed, eth1 offline, eth2 active");
    for (const [path, schema] of Object.entries(READABLE)) {
      for (const socket of ["control", "status"] as const) {
        const { status, value } = await ask(socket, path);
        assert.equal(status, 200);
        assertFits(schema, value, path);
      }
    }
  });

  it("fits it in its events, too", async () => {
    const stop = new AbortController();
    const types = new Set<string>();
    for await (const event of daemon.client.events(stop.signal)) {
      assertFits(SCHEMAS.Event, event, `event ${event.type}`);
      if (event.type === "snapshot") await Promise.all([laboratory.plug("eth0"), change("eth1", "online")]);
      types.add(event.type);
      if (types.size === 5) stop.abort();
    }
    assert.deepEqual([...types].sort(), ["address", "group", "interface", "message", "snapshot"]);
  });

  it("refuses in its one form, and changes nothing then", async () => {
    const before = await daemon.client.configuration();
    const cases = [
      ["status", "POST", "/v1/interfaces/eth0/offline", "", 403, "CHANGES_NOT_ALLOWED"],
      ["control", "POST", "/v1/interfaces/eth0/online", "", 409, "NOT_OFFLINE"],
      ["control", "POST", "/v1/interfaces/eth9/offline", "", 404, "UNKNOWN_INTERFACE"],
      ["control", "POST", "/v1/interfaces/eth0/offline", '{"minimumRedundancy":3}', 409, "MINIMUM_REDUNDANCY"],
      ["control", "PUT", "/v1/config", "groups: 7", 422, "BAD_CONFIGURATION"],
    ] as const;
    for (const [socket, method, path, body, code, word] of cases) {
      const { status, value } = await ask(socket, path, method, body);
      assertFits(SCHEMAS.Error, value, path);
      assert.deepEqual([status, value.code], [code, word]);
    }
    assert.deepEqual(await daemon.client.configuration(), before);
  });

  it("takes the configuration back that it has given, and nothing changes", async () => {
    const [before, shown] = [await daemon.client.configuration(), await daemon.snapshot()];
    await daemon.client.applyConfiguration(JSON.stringify(before));
    assert.deepEqual(await daemon.client.configuration(), before);
    assert.match(daemon.log(), /The configuration from the control socket is in force: nothing has changed/);
    assert.deepEqual((await daemon.snapshot()).addresses, shown.addresses);
  });
});
