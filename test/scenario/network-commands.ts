/**
 * The commands of the transcripts for what no carrier tells: hosts and routers on the link, the paths to them, the prober.
 *
 * `host ADDRESS [delay 3ms] [loss 0.5] [limit 50 burst 5] [router] [arp-only|pinged]` puts one on the link or changes it; a router does not answer the
 * question to all hosts, one with a `limit` only so many echo requests per second, `arp-only` no echo request whatever, until it is `pinged`. `dies ADDRESSES`, `returns ADDRESSES`. `path NAME [ADDRESS] alive|dead|deaf|mute|held`: from that NIC to everybody or to one
 * host; of a held path the answers are kept until `late-answers`. `stall 10s`: the prober is not scheduled. `jitter none`: probes
 * leave exactly on their grid. `spurious NAME inet|inet6 ADDRESS N AGO [TARGET]`: an answer comes from ADDRESS to the probe N, which
 * had been sent to TARGET (the same, if none is named) so long ago (`8s`).
 */
import { durationMs } from "../support/simulated-configuration.ts";
import type { SimulatedDaemon } from "../support/simulated-daemon.ts";
import type { SimulatedKernel } from "../support/simulated-kernel.ts";
import { pathState } from "../support/simulated-segment.ts";

export type Command = (words: readonly string[], lines: readonly string[]) => readonly string[] | undefined;

export function networkCommands(kernel: SimulatedKernel, daemon: SimulatedDaemon): Readonly<Record<string, Command>> {
  const { segment, prober } = daemon;
  return {
    host: ([address = "", ...details]) => void segment.setHost(address, hostDetails(details)),
    dies: (addresses) => void addresses.forEach((address) => void segment.setHost(address, { alive: false })),
    returns: (addresses) => void addresses.forEach((address) => void segment.setHost(address, { alive: true })),
    path: ([name = "", ...words]) =>
      void segment.setPath(indexOf(kernel, name), pathState(words.at(-1) ?? ""), words.length > 1 ? words[0] : ""),
    "late-answers": () => void prober.releaseHeld(),
    stall: ([duration = ""]) => void prober.stall(durationMs(duration)),
    jitter: ([word]) => {
      prober.jitter = word !== "none";
      return undefined;
    },
    spurious: ([name = "", family, from = "", sequence = "", ago = "", target = from]) => {
      const roundTripMs = durationMs(ago);
      const place = { index: indexOf(kernel, name), family: family === "inet6" ? 6 : 4 } as const;
      const times = { sentAt: kernel.nowMs - roundTripMs, roundTripMs, handledAt: kernel.nowMs };
      const probe = { sequence: Number(sequence), target, from, ...times };
      return void daemon.step({ type: "probe-results", results: [{ kind: "answered", ...place, ...probe }] });
    },
  };
}

function hostDetails(words: readonly string[]): Parameters<SimulatedDaemon["segment"]["setHost"]>[1] {
  const after = (name: string) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const [delay, loss, limit, burst] = [after("delay"), after("loss"), after("limit"), after("burst")];
  return {
    ...(delay === undefined ? {} : { delayMs: durationMs(delay) }),
    ...(loss === undefined ? {} : { loss: Number(loss) }),
    ...(limit === undefined ? {} : { limitPerSecond: Number(limit) }),
    ...(burst === undefined ? {} : { burst: Number(burst) }),
    ...(words.includes("router") ? { answersMulticast: false } : {}),
    ...(words.includes("arp-only") ? { answersEcho: false } : {}),
    ...(words.includes("pinged") ? { answersEcho: true } : {}),
  };
}

/** Unknown names stand for an index that no link ever had. */
function indexOf(kernel: SimulatedKernel, name: string): number {
  return kernel.link(name)?.index ?? 9_999;
}
