import assert from "node:assert/strict";
import { parseConfiguration } from "../../../src/config/index.ts";
import type { Configuration } from "../../../src/core/configuration.ts";
import type {
  InterfaceAddress,
  KernelPicture,
  KernelRequest,
  Link,
} from "../../../src/core/kernel-state/kernel-objects.ts";
import type { Memory } from "../../../src/core/memory.ts";
import type { ProbeResult } from "../../../src/core/probing/results.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { LogEntry } from "../../../src/daemon/executor.ts";
import { Loop } from "../../../src/daemon/loop.ts";
import type { ProberListener, ProberPort } from "../../../src/daemon/prober-port.ts";
import { KernelError } from "../../../src/kernel/errors.ts";
import type { KernelListener, KernelPort } from "../../../src/kernel/port.ts";
import type { ProberStatus } from "../../../src/prober/statistics.ts";

const IDLE_PROBER: ProberStatus = {
  ...{ realtime: true, locked: true, stalls: 0, longestStallMs: 0 },
  ...{ unsent: 0, forged: 0, wrongInterface: 0, dropped: 0 },
};

const EMPTY: KernelPicture = {
  links: [],
  addresses: [],
  nextHops: [],
  routes: [],
  otherRoutes: [],
  settings: {},
  kept: [],
};

function configurationOf(text: string): Configuration {
  const { configuration, problems } = parseConfiguration(text, "f");
  assert.ok(configuration, JSON.stringify(problems));
  return configuration;
}

const CONFIGURATION = configurationOf("groups: { g: { group-interface: false, interfaces: { eth0: } } }");

function cardOf(index: number): Link {
  return {
    index,
    name: `eth${index}`,
    hardwareAddress: `02:00:00:00:00:0${index}`,
    adminUp: true,
    carrier: true,
    carrierReported: true,
    carrierLosses: 0,
    running: true,
    multicast: true,
    pointToPoint: false,
    loopback: false,
    noArp: false,
    mtu: 1500,
    master: 0,
    lower: 0,
    kind: "veth",
    alias: "",
  };
}

const TWO_CARDS: KernelPicture = { ...EMPTY, links: [cardOf(1), cardOf(2)] };
const PROBED = configurationOf(`groups: { g: { group-interface: false, interfaces: {
  eth1: { test-address: 192.0.2.21/24 }, eth2: { test-address: 192.0.2.22/24 } } } }`);

const PROBED_BY_ROUTER = `groups: { g: { group-interface: false, targets: [192.0.2.1], interfaces: {
  eth1: { test-address: 192.0.2.21/24 }, eth2: { test-address: 192.0.2.22/24 } } } }`;

/** Their test addresses are there, and ready. */
const TEST_ADDRESSES = [21, 22].map((host, at): InterfaceAddress => {
  const rest = { scope: "link", protocol: 77, tentative: false, deprecated: false } as const;
  return { index: at + 1, family: 4, address: `192.0.2.${host}`, prefixLength: 32, ...rest };
});
const READY: KernelPicture = { ...TWO_CARDS, addresses: TEST_ADDRESSES };

function proberThat(does: Partial<ProberPort> = {}): ProberPort {
  const nothing = () => undefined;
  return { plan: nothing, statistics: async () => [], status: () => IDLE_PROBER, close: nothing, ...does };
}

interface Surroundings {
  readonly door?: Partial<KernelPort>;
  readonly prober?: ProberPort;
}

/** A door that notes what it is asked, and a loop on it. */
function loopOn({ door = {}, prober }: Surroundings = {}) {
  const calls: string[] = [];
  const told: string[] = [];
  const kept: Memory[] = [];
  const shown: Snapshot[] = [];
  let listener: KernelListener | undefined;
  let results: ProberListener["results"] | undefined;
  const port: KernelPort = {
    dump: () => {
      calls.push("dump");
      return EMPTY;
    },
    apply: (requests: readonly KernelRequest[]) => {
      calls.push("apply");
      return requests.map(() => ({ ok: true }) as const);
    },
    announce: () => calls.push("announce"),
    arm: () => calls.push("arm"),
    fire: () => false,
    watch: () => calls.push("watch"),
    status: () => ({ realtime: true, locked: true, dropped: 0, plansFired: 0 }),
    close: () => calls.push("close"),
    ...door,
  };
  const kernel = (given: KernelListener) => {
    listener = given;
    return port;
  };
  const probing = (given: ProberListener) => {
    results = given.results;
    return prober as ProberPort;
  };
  const loop = new Loop(prober === undefined ? { kernel } : { kernel, prober: probing }, {
    log: ({ message }: LogEntry) => told.push(message.id),
    failed: (error) => told.push(`failed: ${error.message}`),
    changed: ({ snapshot }) => {
      told.push("changed");
      shown.push(snapshot);
    },
    stalled: ({ probes }) => told.push(`stalled ${probes}`),
    settled: () => told.push("settled"),
    keep: (memory) => {
      told.push("keep");
      kept.push(memory);
    },
    answer: (id, refusal) => told.push(`answer ${id} ${refusal ?? "done"}`),
  });
  const report = (...found: ProbeResult[]) => results?.(found);
  return { loop, calls, told, kept, shown, report, listener: () => listener as KernelListener };
}

describe("loop of the daemon", () => {
  it("reads before it acts, tells the picture once, and says when all is settled", () => {
    const { loop, calls, told } = loopOn();
    loop.configure(CONFIGURATION);
    assert.deepEqual(calls.slice(0, 2), ["dump", "apply"]);
    assert.deepEqual(told, ["group-failed", "interface-missing", "changed", "settled"]);
    loop.close();
  });

  it("goes on when the door fails, and says so", () => {
    const refusal = new KernelError("reading links failed", { code: "KERNEL_REFUSED", operation: "reading", errno: 1 });
    const { loop, told } = loopOn({
      door: {
        dump: () => {
          throw refusal;
        },
      },
    });
    loop.configure(CONFIGURATION);
    assert.deepEqual(told, ["failed: reading links failed", "changed"]);
    loop.close();
  });

  it("does not hide a bug of ours", () => {
    const { loop } = loopOn({
      door: {
        dump: () => {
          throw new TypeError("ours");
        },
      },
    });
    assert.throws(() => loop.configure(CONFIGURATION), /ours/);
    loop.close();
  });

  it("takes facts that arrive while it is at work after that work", () => {
    const nested: string[] = [];
    const { loop, listener } = loopOn({
      door: {
        dump: () => {
          nested.push("dump");
          if (nested.length === 1) listener().overrun();
          return EMPTY;
        },
      },
    });
    loop.configure(CONFIGURATION);
    assert.deepEqual(nested, ["dump", "dump"]);
    loop.close();
  });

  it("says that all is settled after each configuration, also when nothing had to be done", () => {
    const { loop, told } = loopOn();
    for (let round = 1; round <= 3; round++) {
      loop.configure(CONFIGURATION);
      assert.equal(told.filter((word) => word === "settled").length, round);
    }
    loop.close();
  });

  it("answers a request when all that follows from it has been done, kept and shown", () => {
    const { loop, told, shown } = loopOn({ door: { dump: () => TWO_CARDS } });
    loop.configure(PROBED);
    told.length = 0;
    loop.request(7, { op: "offline", interface: "eth1", minimumRedundancy: 1 });
    assert.ok(told.includes("keep"));
    assert.deepEqual(told.slice(-2), ["changed", "answer 7 done"]);
    assert.equal(shown.at(-1)?.interfaces.find(({ name }) => name === "eth1")?.state, "offline");
    told.length = 0;
    loop.request(8, { op: "offline", interface: "eth2", minimumRedundancy: 1 });
    assert.deepEqual(told, ["answer 8 minimum-redundancy"]);
    loop.close();
  });

  it("takes up what an earlier one kept", () => {
    const earlier = loopOn({ door: { dump: () => TWO_CARDS } });
    earlier.loop.configure(PROBED);
    earlier.loop.request(1, { op: "offline", interface: "eth1", minimumRedundancy: 1 });
    earlier.loop.close();
    const memory = earlier.kept.at(-1);
    assert.ok(memory);
    const { loop, shown } = loopOn({ door: { dump: () => TWO_CARDS } });
    loop.remember(memory);
    loop.configure(PROBED);
    const [before, after] = [earlier.shown, shown].map((shots) =>
      shots.at(-1)?.interfaces.find(({ name }) => name === "eth1"),
    );
    assert.equal(after?.state, "offline");
    assert.equal(after?.reason, "administrator");
    assert.ok(Math.abs(Date.parse(after?.since ?? "") - Date.parse(before?.since ?? "")) < 50);
    loop.close();
  });

  it("without a prober judges nobody by probes", () => {
    const { loop, shown } = loopOn({ door: { dump: () => TWO_CARDS } });
    loop.configure(PROBED);
    assert.deepEqual(
      shown.at(-1)?.interfaces.map(({ probe }) => probe),
      ["disabled", "disabled"],
    );
    loop.close();
  });

  it("hands plans to the prober, and ends it with itself", () => {
    const asked: string[] = [];
    const prober = proberThat({
      plan: (plans) => asked.push(plans.map(({ index, source }) => `${index} from ${source}`).join()),
      close: () => asked.push("close"),
    });
    const { loop } = loopOn({ door: { dump: () => READY }, prober });
    loop.configure(PROBED);
    assert.deepEqual(asked.at(-1)?.split(",").sort(), ["1 from 192.0.2.21", "2 from 192.0.2.22"]);
    loop.close();
    assert.equal(asked.at(-1), "close");
  });

  it("tells of single probes only while somebody watches, after they have been judged", () => {
    const { loop, report } = loopOn({ door: { dump: () => READY }, prober: proberThat() });
    loop.configure(configurationOf(PROBED_BY_ROUTER));
    const heard: string[] = [];
    const probe = (sequence: number, sentAt: number): ProbeResult => {
      const reply = { from: "192.0.2.1", roundTripMs: 2, handledAt: sentAt + 3 };
      return { kind: "answered", index: 1, family: 4, target: "192.0.2.1", sequence, sentAt, ...reply };
    };
    report(probe(1, performance.now()));
    loop.watchProbes((events) => {
      for (const { sequence, source, sentAtMs, roundTripMs, meanMs } of events) {
        const agoMs = Number(process.hrtime.bigint()) / 1e6 - sentAtMs;
        assert.ok(agoMs >= 0 && agoMs < 5_000, `sent ${agoMs} ms ago`);
        heard.push(`${sequence} from ${source} took ${roundTripMs?.toFixed(1)} mean ${meanMs}`);
      }
    });
    report(probe(2, performance.now()));
    loop.watchProbes(undefined);
    report(probe(3, performance.now()));
    assert.deepEqual(heard, ["2 from 192.0.2.21 took 3.0 mean 2"]);
    loop.close();
  });

  it("shows counters of this moment to whoever looks, and no change for them", () => {
    const { loop, told, report } = loopOn({ door: { dump: () => READY }, prober: proberThat() });
    loop.configure(configurationOf(PROBED_BY_ROUTER));
    told.length = 0;
    for (const sequence of [1, 2, 3]) {
      const sentAt = performance.now();
      const reply = { from: "192.0.2.1", roundTripMs: 2, handledAt: sentAt + 3 };
      report({ kind: "answered", index: 1, family: 4, target: "192.0.2.1", sequence, sentAt, ...reply });
    }
    const { snapshot, prober } = loop.look();
    const [probes] = snapshot.interfaces.find(({ name }) => name === "eth1")?.probes ?? [];
    assert.equal(probes?.answered, 3);
    assert.deepEqual(prober, IDLE_PROBER);
    assert.deepEqual(told, []);
    loop.close();
  });

  it("tells of the prober's own stalls", () => {
    const status = () => ({ ...IDLE_PROBER, unsent: 4 });
    const { told, report } = loopOn({ prober: proberThat({ status }) });
    for (const sequence of [1, 2, 3, 4]) {
      report({ kind: "unsent", index: 1, family: 4, target: "192.0.2.1", sequence, sentAt: performance.now() });
    }
    assert.deepEqual(
      told.filter((word) => word.startsWith("stalled")),
      ["stalled 4"],
    );
  });

  it("asks the prober for its statistics; without one there are none", async () => {
    const counted = [{}] as unknown as Awaited<ReturnType<ProberPort["statistics"]>>;
    const { loop } = loopOn({ prober: proberThat({ statistics: async () => counted }) });
    assert.equal(await loop.statistics(), counted);
    loop.close();
    const without = loopOn().loop;
    assert.deepEqual(await without.statistics(), []);
    without.close();
  });

  it("leaves no door open when one of them stays shut", () => {
    const closed: string[] = [];
    const refusal = new KernelError("no prober", { code: "KERNEL_REFUSED", operation: "opening", errno: 1 });
    const kernel = () => ({ close: () => closed.push("kernel") }) as unknown as KernelPort;
    const prober = () => {
      throw refusal;
    };
    assert.throws(() => new Loop({ kernel, prober }, {} as ConstructorParameters<typeof Loop>[1]), refusal);
    assert.deepEqual(closed, ["kernel"]);
  });

  it("closes the door once, and is deaf afterwards", () => {
    const { loop, calls, listener } = loopOn();
    loop.configure(CONFIGURATION);
    loop.close();
    loop.close();
    const before = calls.length;
    listener().overrun();
    assert.equal(calls.filter((call) => call === "close").length, 1);
    assert.equal(calls.length, before);
  });
});
