/** Who reaches whom between the host's data addresses and its neighbours, in and out: native/lab/reach.cc. */
import type { FlowEnd } from "./flow.ts";
import { endWord } from "./flow.ts";
import type { LabTool } from "./lab-tool.ts";
import type { Laboratory } from "./laboratory.ts";

/** Longer than neighbours take to be found; what is not answered by then will not be, or something else has to happen first. */
const ROUND_MS = 500;
/** A neighbour that did not answer is asked for again by the kernel after some seconds. */
const DEADLINE_MS = 12_000;

export class Reach {
  readonly #tool: LabTool;

  private constructor(tool: LabTool) {
    this.#tool = tool;
  }

  /** The data addresses must be on the host. */
  static async start(laboratory: Laboratory, data: FlowEnd, peers: readonly FlowEnd[]): Promise<Reach> {
    const tool = laboratory.tool("lab_reach", [data, ...peers].map(endWord));
    await tool.line();
    return new Reach(tool);
  }

  /** What is not answered now: `192.0.2.101 to 192.0.2.10`, `the host to 192.0.2.101`. */
  async missing(): Promise<string[]> {
    return (JSON.parse(await this.#tool.ask(`ask ${ROUND_MS}`)) as { missing: string[] }).missing;
  }

  /** The same, once it stays: asks until everybody reaches everybody, or for so long in vain. */
  async lastMissing(deadlineMs = DEADLINE_MS): Promise<string[]> {
    const end = performance.now() + deadlineMs;
    let missing = await this.missing();
    while (missing.length > 0 && performance.now() < end) missing = await this.missing();
    return missing;
  }
}
