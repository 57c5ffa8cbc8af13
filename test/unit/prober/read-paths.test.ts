import assert from "node:assert/strict";
import { ProberError } from "../../../src/prober/errors.ts";
import { PROBE_LIMITS } from "../../../src/prober/probe-path.ts";
import { readPaths } from "../../../src/prober/read-paths.ts";

const PATH = { interface: "eth0", source: "192.0.2.20", targets: ["192.0.2.1"], intervalMs: 100 };
const SIX = { ...PATH, source: "2001:db8::20", targets: ["2001:db8::1"] };

function find(names: readonly string[]): readonly number[] {
  return names.map((name) => (name.startsWith("eth") ? Number(name.slice(3)) + 2 : 0));
}

function complaint(paths: unknown): string {
  try {
    readPaths(paths, find);
  } catch (error) {
    assert.ok(error instanceof ProberError);
    return error.code === "BAD_ARGUMENT" ? error.message : `${error.code} ${error.message}`;
  }
  return "none";
}

describe("arguments of the prober", () => {
  it("are read with their defaults", () => {
    const [path] = readPaths([PATH], find);
    assert.deepEqual(path, {
      ...{ key: "2 echo 192.0.2.20 ", interface: "eth0", name: "", index: 2, family: 4, method: "echo" },
      ...{
        source: "192.0.2.20",
        intervalMs: 100,
        detectionIntervalMs: 100,
        burst: 1,
        discover: false,
        secondOpinion: false,
      },
      targets: [{ address: "192.0.2.1", timeoutMs: 100 }],
    });
  });

  it("are taken as they are given", () => {
    const given = {
      ...SIX,
      interface: "eth1",
      timeoutMs: 50,
      burst: 4,
      discover: true,
      secondOpinion: true,
      name: "b",
    };
    const [path] = readPaths([{ ...given, targets: ["2001:DB8:0::1", "fe80::1"] }], find);
    assert.deepEqual(path, {
      ...{ key: "3 echo 2001:db8::20 b", interface: "eth1", name: "b", index: 3, family: 6, method: "echo" },
      ...{
        source: "2001:db8::20",
        intervalMs: 100,
        detectionIntervalMs: 100,
        burst: 4,
        discover: true,
        secondOpinion: true,
      },
      targets: [
        { address: "2001:db8::1", timeoutMs: 50 },
        { address: "fe80::1", timeoutMs: 50 },
      ],
    });
  });

  it("name no source with ARP, and no target where all are asked", () => {
    const [arp] = readPaths([{ ...PATH, source: undefined, method: "arp" }], find);
    assert.deepEqual([arp?.method, arp?.source, arp?.family], ["arp", "0.0.0.0", 4]);
    const [asking] = readPaths([{ ...PATH, targets: [], discover: true }], find);
    assert.deepEqual(asking?.targets, []);
  });

  it("may be an empty list", () => {
    assert.deepEqual(readPaths([], find), []);
  });

  it("are refused with their place, what was found and what is needed", () => {
    const millis = "milliseconds from 0.1 to 3600000";
    const host = "the address of one host, such as 192.0.2.1 or 2001:db8::1";
    const address = "an address such as 192.0.2.1 or 2001:db8::1";
    const zone = "an address without a zone: the interface is named in its own field";
    const device = "the name of an interface: 1 to 15 bytes, such as eth0";
    const cases: readonly (readonly [paths: unknown, complaint: string])[] = [
      [7, "paths: found 7, needed an array"],
      [[PATH, "eth0"], "paths[1]: found 'eth0', needed an object"],
      [[{ ...PATH, intervalMs: -1 }], `paths[0].intervalMs: found -1, needed ${millis}`],
      [[{ ...PATH, intervalMs: 0 }], `paths[0].intervalMs: found 0, needed ${millis}`],
      [[{ ...PATH, intervalMs: Number.NaN }], `paths[0].intervalMs: found NaN, needed ${millis}`],
      [[{ ...PATH, intervalMs: "100" }], `paths[0].intervalMs: found '100', needed ${millis}`],
      [[{ ...PATH, timeoutMs: Number.POSITIVE_INFINITY }], `paths[0].timeoutMs: found Infinity, needed ${millis}`],
      [[{ ...PATH, burst: 1.5 }], "paths[0].burst: found 1.5, needed a whole number from 1 to 1024"],
      [[{ ...PATH, discover: 1 }], "paths[0].discover: found 1, needed true or false"],
      [[{ ...PATH, secondOpinion: "yes" }], "paths[0].secondOpinion: found 'yes', needed true or false"],
      [[{ ...PATH, method: "tcp" }], `paths[0].method: found 'tcp', needed "echo" or "arp"`],
      [[{ ...PATH, method: "arp" }], "paths[0].source: found '192.0.2.20', needed none: ARP requests name no sender"],
      [[{ ...PATH, name: 7 }], "paths[0].name: found 7, needed a text of at most 64 characters"],
      [[{ ...PATH, interface: "" }], `paths[0].interface: found '', needed ${device}`],
      [
        [{ ...PATH, interface: "ethernet-number-1" }],
        `paths[0].interface: found 'ethernet-number-1', needed ${device}`,
      ],
      [[{ ...PATH, source: undefined }], `paths[0].source: found undefined, needed ${address}`],
      [[{ ...PATH, source: "eth0" }], `paths[0].source: found 'eth0', needed ${address}`],
      [[{ ...PATH, source: "0.0.0.0" }], `paths[0].source: found '0.0.0.0', needed ${host}`],
      [[{ ...SIX, source: "fe80::1%eth0" }], `paths[0].source: found 'fe80::1%eth0', needed ${zone}`],
      [[{ ...PATH, targets: "192.0.2.1" }], "paths[0].targets: found '192.0.2.1', needed an array"],
      [[{ ...PATH, targets: [] }], "paths[0].targets: found [], needed at least one address, or discover: true"],
      [[{ ...PATH, targets: ["224.0.0.1"] }], `paths[0].targets[0]: found '224.0.0.1', needed ${host}`],
      [[{ ...SIX, targets: ["ff02::1"] }], `paths[0].targets[0]: found 'ff02::1', needed ${host}`],
      [[{ ...SIX, targets: ["::"] }], `paths[0].targets[0]: found '::', needed ${host}`],
      [[{ ...SIX, targets: ["::ffff:192.0.2.1"] }], `paths[0].targets[0]: found '::ffff:192.0.2.1', needed ${host}`],
      [[{ ...PATH, targets: ["192.0.2.01"] }], `paths[0].targets[0]: found '192.0.2.01', needed ${address}`],
      [
        [{ ...PATH, targets: ["192.0.2.1", "::1"] }],
        "paths[0].targets[1]: found '::1', needed an IPv4 address, as the source",
      ],
      [
        [{ ...SIX, targets: ["2001:db8::1", "2001:DB8:0::20"] }],
        "paths[0].targets[1]: found '2001:DB8:0::20', needed another host than the source",
      ],
      [
        [{ ...PATH, targets: ["192.0.2.1", "192.0.2.1"] }],
        "paths[0].targets[1]: found '192.0.2.1', needed each address once",
      ],
      [
        [PATH, { ...PATH, interface: "eth1" }, { ...PATH, intervalMs: 50 }],
        "paths[2]: found 'interface, source and method of paths[0]', needed a name that tells them apart",
      ],
      [
        [{ ...PATH, interval: 100 }],
        "paths[0].interval: found 'interval', needed one of interface, source, targets, intervalMs, timeoutMs, burst, " +
          "method, discover, secondOpinion, name",
      ],
    ];
    for (const [paths, expected] of cases) assert.equal(complaint(paths), expected);
  });

  it("refuses ARP for what it can not ask", () => {
    const arp = { ...PATH, source: undefined, method: "arp" };
    assert.equal(
      complaint([{ ...arp, discover: true }]),
      "paths[0].discover: found true, needed false with ARP requests",
    );
    assert.equal(
      complaint([{ ...arp, secondOpinion: true }]),
      "paths[0].secondOpinion: found true, needed false with ARP requests",
    );
    const six = "paths[0].targets[0]: found 'fe80::1', needed an IPv4 address, as the source";
    assert.equal(complaint([{ ...arp, targets: ["fe80::1"] }]), six);
  });

  it("have limits", () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
    const { paths, targetsOfPath, targets } = PROBE_LIMITS;
    const full = { ...PATH, targets: many(targetsOfPath) };
    const named = (count: number) => Array.from({ length: count }, (_, at) => ({ ...full, name: `${at}` }));
    assert.equal(complaint(named(targets / targetsOfPath)), "none");
    const over = `paths: found '${targets + targetsOfPath} targets', needed at most ${targets} in all`;
    assert.equal(complaint(named(targets / targetsOfPath + 1)), over);
    const wide = `paths[0].targets.length: found ${targetsOfPath + 1}, needed at most ${targetsOfPath}`;
    assert.equal(complaint([{ ...PATH, targets: many(targetsOfPath + 1) }]), wide);
    const long = `paths.length: found ${paths + 1}, needed at most ${paths}`;
    assert.equal(complaint(new Array(paths + 1).fill(PATH)), long);
  });

  it("name interfaces that are there", () => {
    const needed = "needed the name of an interface in the network namespace of the prober";
    const text = `UNKNOWN_INTERFACE paths[1].interface: found lan0, ${needed}`;
    assert.equal(complaint([PATH, { ...PATH, interface: "lan0" }]), text);
  });

  it("tell paths apart by their names", () => {
    const keys = readPaths([PATH, { ...PATH, name: "b" }], find).map(({ key }) => key);
    assert.equal(new Set(keys).size, 2);
  });
});
