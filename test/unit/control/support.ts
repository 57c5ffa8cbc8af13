/** A server in a directory of its own, and ways to talk to it. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ConfigurationFile } from "../../../src/config/file-form.ts";
import type { ProbeEvent, ProbeStatistics, ProbesReport } from "../../../src/control/probes.ts";
import type { ControlSource } from "../../../src/control/routes.ts";
import type { DaemonSnapshot } from "../../../src/control/snapshot.ts";
import type { ProberStatus } from "../../../src/prober/statistics.ts";

const PROBER: ProberStatus = {
  ...{ realtime: "EPERM", locked: true, stalls: 1, longestStallMs: 20.5 },
  ...{ unsent: 3, forged: 2, wrongInterface: 0, dropped: 0 },
};

/** Every kind of object is in it, and every optional field. */
export const SNAPSHOT: DaemonSnapshot = {
  version: 1,
  daemon: {
    version: "0.1.0",
    pid: 42,
    startedAt: "2026-01-02T03:04:05.678Z",
    configurationFile: "/etc/ipmp/ipmp.yaml",
  },
  kernel: { realtime: true, locked: "EPERM", dropped: 0, plansFired: 1 },
  prober: PROBER,
  groups: [
    {
      name: "ipmp0",
      groupName: "ipmp0",
      state: "degraded",
      failureDetectionTimeMs: 12_000.5,
      configuredFailureDetectionTimeMs: 10_000,
      active: ["eth0"],
      inactive: [],
      unusable: ["eth1"],
      impairments: ["eth1 can not carry IPv6: its MTU is 1200, and IPv6 needs 1280"],
      bypasses: ["192.0.2.0/24 dev eth1"],
    },
  ],
  interfaces: [
    {
      name: "eth0",
      index: 2,
      group: "ipmp0",
      active: true,
      flags: {
        inactive: false,
        standby: false,
        multicast4: true,
        broadcast4: true,
        multicast6: true,
        down: false,
        duplicate: false,
      },
      link: "up",
      probe: "ok",
      state: "ok",
      reason: "repaired",
      since: "2026-01-02T03:04:05.678Z",
      history: [{ at: "2026-01-02T03:04:05.678Z", from: "failed", to: "ok", reason: "repaired" }],
      probes: [
        {
          family: 4,
          probe: "ok",
          answered: 10,
          lastAnswer: "2026-01-02T03:04:06.000Z",
          lost: 5,
          unsent: 1,
          ambiguous: 0,
        },
        { family: 6, probe: "unknown", answered: 0, lastAnswer: null, lost: 0, unsent: 0, ambiguous: 0 },
      ],
    },
  ],
  addresses: [
    {
      family: 4,
      address: "192.0.2.10",
      prefixLength: 24,
      state: "up",
      group: "ipmp0",
      inbound: "eth0",
      outbound: ["eth0"],
    },
    {
      family: 6,
      address: "2001:db8::10",
      prefixLength: 64,
      state: "down",
      group: "ipmp0",
      inbound: null,
      outbound: [],
    },
  ],
  targets: [
    {
      interface: "eth0",
      family: 4,
      mode: "routes",
      testAddress: "192.0.2.20",
      targets: [
        { address: "192.0.2.1", kind: "router", state: "active", meanMs: 0.25, deviationMs: 0.125 },
        { address: "192.0.2.2", kind: "configured", state: "dead", meanMs: null, deviationMs: null },
      ],
    },
    { interface: "eth1", family: null, mode: "disabled", testAddress: null, targets: [] },
  ],
};

export const CONFIGURATION: ConfigurationFile = {
  "track-ungrouped": false,
  groups: {
    ipmp0: {
      "group-interface": true,
      failback: true,
      "failure-detection-time": "10s",
      "failure-detection-time-limit": "60s",
      "fail-on": "all-families",
      "flap-limit": "2/60s",
      "link-up-delay": "off",
      "transitive-probing": false,
      interfaces: {
        eth0: { standby: false, "test-address": ["192.0.2.20/24"] },
        eth1: { standby: true, "test-address": [] },
      },
      addresses: [{ address: "192.0.2.10/24" }, { address: "192.0.2.11/24", prefer: "eth0" }],
      routes: [{ to: "0.0.0.0/0", via: "192.0.2.1", metric: 0 }],
      targets: ["192.0.2.2"],
      spread: "l3",
    },
  },
};

const COUNTED: ProbeStatistics = {
  ...{ interface: "eth0", group: "ipmp0", family: 4, method: "echo", source: "192.0.2.20", target: "192.0.2.1" },
  ...{ kind: "router", state: "active", sent: 16, answered: 10, lost: 5, unsent: 1 },
  ...{ late: 2, ambiguous: 3, duplicate: 1, wrongSource: 1, tooOld: 1 },
  ...{ meanMs: 0.25, deviationMs: 0.125, minimumMs: 0.1, maximumMs: 1, lossRate: 0.3125 },
};

const NOT_ASKED_YET = { meanMs: null, deviationMs: null, minimumMs: null, maximumMs: null, lossRate: null };

export const PROBES: ProbesReport = {
  prober: PROBER,
  targets: [COUNTED, { ...COUNTED, ...NOT_ASKED_YET, method: "arp", kind: null, state: null, source: "0.0.0.0" }],
};

/** One that was answered. */
export const PROBE: ProbeEvent = {
  ...{ type: "probe", interface: "eth0", group: "ipmp0", family: 4, kind: "answered", sequence: 589 },
  ...{
    method: "echo",
    source: "192.0.2.20",
    target: "192.0.2.1",
    from: "192.0.2.1",
    sentAt: "2026-01-02T03:04:05.678Z",
    sentAtMs: 1_000_110,
  },
  ...{ networkRoundTripMs: 0.51, roundTripMs: 0.76, meanMs: 0.76, deviationMs: 0.38, refusal: null, missed: 0 },
};

/** Does whatever it is asked to, and changes nothing. */
export const SOURCE: ControlSource = {
  snapshot: async () => SNAPSHOT,
  probes: async () => PROBES,
  followProbes: () => () => undefined,
  configuration: async () => CONFIGURATION,
  request: async () => undefined,
  reload: async () => ({ ok: true, warnings: [] }),
  applyConfiguration: async () => ({ ok: true, warnings: [] }),
};

/** What a test made; `clean` takes it away in reverse order. */
export class Workshop {
  readonly #undo: (() => unknown)[] = [];

  later(undo: () => unknown): void {
    this.#undo.unshift(undo);
  }

  async directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "ipmp-control-"));
    this.later(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** A daemon that speaks whatever `speak` says. Answers its runtime directory. */
  async impostor(speak: (socket: Socket) => void): Promise<string> {
    const runtimeDir = await this.directory();
    await this.listen(join(runtimeDir, "control.sock"), speak);
    return runtimeDir;
  }

  async listen(path: string, speak: (socket: Socket) => void): Promise<Server> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      speak(socket);
      socket.resume();
    });
    server.listen(path);
    await once(server, "listening");
    this.later(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return server;
  }

  async clean(): Promise<void> {
    for (const undo of this.#undo.splice(0)) await undo();
  }
}

export interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One whole exchange over HTTP. */
export function exchange(
  socketPath: string,
  path: string,
  options: RequestOptions = {},
  body: string | Buffer = "",
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, agent: false, ...options }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** Sends bytes as they are, and collects what comes back until the other side hangs up. */
export async function shout(socketPath: string, bytes: string): Promise<string> {
  const socket = connect(socketPath);
  let heard = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    heard += chunk;
  });
  socket.on("error", () => socket.destroy());
  socket.write(bytes);
  await once(socket, "close");
  return heard;
}

/** Turns the event loop until `reached` holds; `meanwhile` runs on every turn. The test's own timeout is the limit. */
export async function until(reached: () => boolean, meanwhile: () => void = () => {}): Promise<void> {
  while (!reached()) {
    meanwhile();
    await nextTurn();
  }
}
