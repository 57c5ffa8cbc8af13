/** The library at work in a program of its own, from the built package. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { MessageEvent, StateEvent } from "../../src/control/events.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { dumpOf, hostPicture, untilHost } from "../support/host-picture.ts";
import { Laboratory } from "../support/laboratory.ts";
import { ended } from "../support/processes.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { allBy, ONE_AND_STANDBY, standardConfiguration, standardPicture } from "../support/standard-group.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const PROGRAM = fileURLToPath(new URL("../support/embedder.mjs", import.meta.url));
const ENTRY = new URL("../../dist/index.js", import.meta.url).href;

interface Said {
  readonly started?: Snapshot;
  readonly event?: StateEvent | MessageEvent;
  readonly stopped?: readonly string[];
  readonly call?: string;
  readonly outcome?: string;
}

class Embedder {
  readonly said: Said[] = [];
  readonly #child: ChildProcess;

  constructor(laboratory: Laboratory, configuration: string, way: "stay" | "release") {
    const file = join(laboratory.directory, "embedded.yaml");
    writeFileSync(file, configuration);
    const words = [process.execPath, PROGRAM, ENTRY, file, join(laboratory.directory, "state"), way];
    this.#child = laboratory.spawn("host", words, { stdio: ["pipe", "pipe", "inherit"] });
    assert.ok(this.#child.stdout);
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.said.push(JSON.parse(line) as Said));
  }

  async until(what: string, done: (said: Said) => boolean): Promise<Said> {
    const find = () => this.said.find(done);
    const found = await waitFor(what, find, (seen) => seen !== undefined);
    assert.ok(found);
    return found;
  }

  /** Has it make a call, and returns what came of that: "done", or the code of the error. */
  async call(call: string): Promise<string | undefined> {
    const before = this.said.length;
    this.#child.stdin?.write(`${call}\n`);
    const find = () => this.said.slice(before).find((said) => said.call === call);
    return (await waitFor(call, find, (seen) => seen !== undefined))?.outcome;
  }

  /** Ends its input. Resolves with the exit status when the process has ended, which it must do by itself. */
  finish(): Promise<number> {
    this.#child.stdin?.end();
    return ended(this.#child);
  }
}

describe("IPMP as a library", () => {
  const configuration = standardConfiguration({ interfaces: ONE_AND_STANDBY });
  let laboratory: Laboratory;
  let untouched: string[];

  before(async function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    laboratory = await Laboratory.create({ nics: 2, duplicateAddressDetection: false });
    untouched = await dumpOf(laboratory, "host");
  });

  after(() => laboratory?.close());

  it("places the addresses, tells what happens, and leaves all in place when it stops", async () => {
    const program = new Embedder(laboratory, configuration, "stay");
    const { started } = await program.until("the start", (said) => said.started !== undefined);
    assert.deepEqual(
      started?.addresses.map(({ inbound }) => inbound),
      ["eth0", "eth0", "eth0"],
    );
    await laboratory.pull("eth0");
    await program.until(
      "the message",
      ({ event }) => event?.type === "message" && event.message.id === "interface-failed",
    );
    await program.until("the address", ({ event }) => event?.type === "address" && event.after?.inbound === "eth1");
    await program.until("the group", ({ event }) => event?.type === "group" && event.after?.state === "degraded");
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    const inPlace = await hostPicture(laboratory);
    assert.equal(await program.finish(), 0);
    const { stopped } = await program.until("its last word", (said) => said.stopped !== undefined);
    assert.deepEqual(
      stopped?.filter((kind) => kind === "MessagePort" || kind === "Worker"),
      [],
    );
    assert.deepEqual(await hostPicture(laboratory), inPlace);
  });

  it("takes members offline and back, and other configurations, and rejects with a code what can not be", async () => {
    await laboratory.plug("eth0");
    const program = new Embedder(laboratory, configuration, "stay");
    await program.until("the start", (said) => said.started !== undefined);
    await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
    assert.equal(await program.call("online eth0"), "NOT_OFFLINE");
    assert.equal(await program.call("offline lo"), "UNKNOWN_INTERFACE");
    assert.equal(await program.call("offline eth0"), "done");
    await untilHost(laboratory, standardPicture(allBy("eth1")));
    assert.equal(await program.call("offline eth0"), "ALREADY_OFFLINE");
    assert.equal(await program.call("offline eth1"), "MINIMUM_REDUNDANCY");
    assert.equal(await program.call("online eth0"), "done");
    await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
    const swapped = join(laboratory.directory, "swapped.yaml");
    writeFileSync(swapped, standardConfiguration({ interfaces: "{ eth1: , eth0: { standby: true } }" }));
    assert.equal(await program.call(`configure ${swapped}`), "done");
    await untilHost(laboratory, standardPicture(allBy("eth1", ["eth0", "eth1"])));
    assert.equal(await program.finish(), 0);
  });

  it("takes everything away when it stops with release", async () => {
    const program = new Embedder(laboratory, configuration, "release");
    await program.until("the start", (said) => said.started !== undefined);
    await untilHost(laboratory, standardPicture(allBy("eth0", ["eth0", "eth1"])));
    assert.equal(await program.finish(), 0);
    assert.deepEqual(await dumpOf(laboratory, "host"), untouched);
  });
});
