/** How many echo requests a second one prober gets answered, and what each costs. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { IpmpError } from "../../src/core/errors.ts";
import { run } from "../support/processes.ts";
import { type Effort, type Measured, PeerAbsent } from "./experiment.ts";
import { DIST } from "./ipmpd.ts";

const SOURCES = ["10.80.0.1", "10.80.0.2", "10.80.0.3", "10.80.0.4"];
const LINK = "near0";
/** Ours measures many rates, each for so long. */
const RATE_MS = 1000;
const PACKAGE_MS = 2000;
const US_PER_MS = 1000;

/** As many as fping takes without sending several at once. */
const TARGETS = Array.from({ length: 250 }, (_, index) => `10.80.1.${index + 1}`);

/** Near and far are namespaces with a cable between them; the far one has all the targets. */
const LINES = [
  "netns add near",
  "netns add far",
  `link add ${LINK} netns near type veth peer name far0 netns far`,
] as const;
const LINES_OF = {
  near: ["link set lo up", ...SOURCES.map((address) => `address add ${address}/16 dev ${LINK}`), `link set ${LINK} up`],
  far: [...TARGETS.map((address) => `address add ${address}/16 dev far0`), "link set far0 up"],
} as const;

interface Flood {
  readonly seconds: number;
  readonly sent: number;
  readonly answered: number;
  /** Of the whole process, user and system. The kernel answers within the sending, so the answers' work is part of it. */
  readonly cpuUs: number;
}

type StepOfOurs = Flood & { readonly rate: number; readonly lost: number; readonly unsent: number };

/** Runs a program again and again on a fresh cable; `flood` reads its best from what it printed. */
async function floods(
  words: readonly string[],
  runs: number,
  flood: (output: string, errors: string) => Flood,
): Promise<Flood[]> {
  const best: Flood[] = [];
  while (best.length < runs) {
    await ipBatch([], LINES);
    try {
      for (const [namespace, lines] of Object.entries(LINES_OF)) await ipBatch(["-n", namespace], lines);
      const { stdout, stderr } = await run(["ip", "netns", "exec", "near", ...words]);
      best.push(flood(stdout, stderr));
    } finally {
      await ipBatch([], ["netns delete near", "netns delete far"]);
    }
  }
  return best;
}

async function ipBatch(words: readonly string[], lines: readonly string[]): Promise<void> {
  await run(["ip", ...words, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

function measured(floods: readonly Flood[]): Measured {
  const unanswered = floods.reduce((sum, { sent, answered }) => sum + sent - answered, 0);
  const sent = floods.reduce((sum, flood) => sum + flood.sent, 0);
  return {
    series: {
      rate: floods.map(({ answered, seconds }) => answered / seconds),
      cpu: floods.map(({ answered, cpuUs }) => cpuUs / answered),
    },
    notes: [unanswered === 0 ? `all ${sent} answered` : `${unanswered} of ${sent} not answered`],
  };
}

/** The library alone, in a program that only counts. */
export async function ourRate({ freshRuns }: Effort): Promise<Measured> {
  const words = [
    process.execPath,
    program("ipmp"),
    `${DIST}/prober/index.js`,
    String(RATE_MS),
    LINK,
    SOURCES.join(),
    ...TARGETS,
  ];
  const seen: string[] = [];
  const best = await floods(words, freshRuns, (output) => {
    const steps = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as StepOfOurs);
    seen.push(...steps.slice(-1).map(tooMuch));
    return bestOf(steps);
  });
  const { series, notes = [] } = measured(best);
  return { series, notes: [...notes, `what was too much: ${seen.join("; ")}`] };
}

function tooMuch({ rate, lost, unsent }: StepOfOurs): string {
  return `${rate.toFixed(0)}/s, ${lost} lost, ${unsent} unsent`;
}

function bestOf(steps: readonly StepOfOurs[]): Flood {
  const borne = steps.filter(({ lost, unsent }) => lost + unsent === 0);
  const best = borne.toSorted((one, other) => other.answered / other.seconds - one.answered / one.seconds)[0];
  if (best === undefined) throw new IpmpError("TOO_MUCH", `not even the first rate: ${steps.map(tooMuch).join("; ")}`);
  return best;
}

/** `name` is that of an npm package: a program of ours floods with it. */
export async function packageRate(name: string, { freshRuns }: Effort): Promise<Measured> {
  try {
    createRequire(import.meta.url)(name);
  } catch (error) {
    const [text = ""] = (error as Error).message.split("\n");
    throw new PeerAbsent(`the npm package ${name} is not built here: ${text}`);
  }
  const words = [process.execPath, program(name), String(PACKAGE_MS), ...TARGETS];
  return measured(await floods(words, freshRuns, (output) => JSON.parse(output) as Flood));
}

function program(name: string): string {
  return fileURLToPath(new URL(`rate-of-${name}.mjs`, import.meta.url));
}

/** So often each: it has 65,536 sequence numbers for all of them, and uses none again within ten seconds. */
const FPING_COUNT = Math.floor(65_000 / TARGETS.length);
const FPING = ["fping", "-q", "-i", "0", "-p", "1", "-c", String(FPING_COUNT), ...TARGETS];

export async function fpingRate({ freshRuns }: Effort): Promise<Measured> {
  // The shell's `times` tells what its children used; fping's own status is 1 when a single reply is missing.
  const timed = 'start=$(date +%s%N); "$@" || true; end=$(date +%s%N); echo "$((end - start))"; times';
  return measured(await floods(["sh", "-c", timed, "sh", ...FPING], freshRuns, fpingFlood));
}

function fpingFlood(output: string, errors: string): Flood {
  // 10.80.1.1 : xmt/rcv/%loss = 1500/1500/0%, min/avg/max = 0.00/0.01/0.20
  const counts = [...errors.matchAll(/= (\d+)\/(\d+)\/\d+%/g)];
  const sum = (group: 1 | 2) => counts.reduce((total, count) => total + Number(count[group]), 0);
  const [tookNs = "", , children = ""] = output.split("\n");
  const cpuMs = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => (Number(m) * 60 + Number(s)) * 1000);
  return {
    seconds: Number(tookNs) / 1e9,
    sent: sum(1),
    answered: sum(2),
    cpuUs: cpuMs.reduce((total, one) => total + one, 0) * US_PER_MS,
  };
}
