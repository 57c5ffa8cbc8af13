/** Listens to the kernel through the real port. */
import assert from "node:assert/strict";
import type { KernelNotice, KernelRequest, Link } from "../../src/core/kernel-state/kernel-objects.ts";
import { Rtnetlink } from "../../src/kernel/index.ts";
import { type Laboratory, monotonicNs, type Namespace } from "./laboratory.ts";
import { waitFor } from "./wait-for.ts";

export type Heard = { readonly notice: KernelNotice; readonly atNs: number };

/** A kernel port in a namespace of the laboratory, what it heard, and when. */
export class Ear {
  readonly heard: Heard[] = [];
  readonly port: Rtnetlink;

  constructor(laboratory: Laboratory, namespace: Namespace) {
    const options = {
      netns: `/run/netns/${namespace}`,
      settingsFile: `${laboratory.directory}/${namespace}.json`,
      realtime: true,
    };
    this.port = Rtnetlink.open(options, {
      notices: (notices) => {
        const atNs = monotonicNs();
        for (const notice of notices) this.heard.push({ notice, atNs });
      },
      overrun: () => assert.fail("nothing here is enough for an overrun"),
    });
  }

  /** Ends notices of routes of others: it is a dump that asks about none. */
  link(name: string): Link {
    const link = this.port.dump([]).links.find((one) => one.name === name);
    assert.ok(link, `a link ${name} is there`);
    return link;
  }

  async wait(what: string, matches: (notice: KernelNotice) => boolean): Promise<Heard> {
    const find = () => this.heard.find(({ notice }) => matches(notice));
    const found = await waitFor(what, find, (heard) => heard !== undefined);
    assert.ok(found);
    return found;
  }

  apply(...requests: KernelRequest[]): void {
    this.port.apply(requests).forEach((outcome, i) => {
      assert.deepEqual(outcome, { ok: true }, `${requests[i]?.op} number ${i}`);
    });
  }
}
