/** An independent listener to the kernel's notices: `ip monitor` in the host's namespace. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { type Laboratory, monotonicNs } from "./laboratory.ts";
import { waitFor } from "./wait-for.ts";

export interface HeardLine {
  readonly line: string;
  readonly atNs: number;
}

/** Groups of links are numbers without any effect: a mark that notices show. */
const FIRST_GROUP = 77_000;

export class KernelMonitor {
  readonly #laboratory: Laboratory;
  #heard: HeardLine[] = [];
  #changes = 0;

  private constructor(laboratory: Laboratory) {
    this.#laboratory = laboratory;
  }

  /** Returns when it listens to these objects (words of `ip monitor`), and to links, which show that it does. */
  static async start(laboratory: Laboratory, ...objects: string[]): Promise<KernelMonitor> {
    const monitor = new KernelMonitor(laboratory);
    const words = ["ip", "-oneline", "monitor", "link", ...objects];
    const { stdout } = laboratory.spawn("host", words, { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(stdout);
    createInterface({ input: stdout }).on("line", (line) => monitor.#heard.push({ line, atNs: monotonicNs() }));
    await monitor.#untilHeard(() => monitor.#change());
    monitor.#heard = [];
    return monitor;
  }

  /** All lines since the start, complete up to this moment. */
  async lines(): Promise<readonly HeardLine[]> {
    const word = await this.#change();
    await this.#untilHeard(async () => word);
    return this.#heard.filter(({ line }) => !/^\d+: lo: /.test(line));
  }

  /** What has been heard so far; a notice may still be on its way. */
  heard(): readonly HeardLine[] {
    return this.#heard;
  }

  async #untilHeard(change: () => Promise<string>): Promise<void> {
    await waitFor("ip monitor to hear", change, (word) => this.#heard.some(({ line }) => line.includes(word)));
  }

  /** Changes lo in a way that everybody is told of at once. Returns the text that names this change. */
  async #change(): Promise<string> {
    const word = `group ${FIRST_GROUP + this.#changes++}`;
    await this.#laboratory.ip("host", [`link set lo ${word}`, "link set lo group default"]);
    return word;
  }
}
