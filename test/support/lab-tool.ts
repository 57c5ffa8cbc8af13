/** A running laboratory tool (native/lab): one command line in, one answer line out. */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { IpmpError } from "../../src/core/errors.ts";
import { ended, type ProcessKeeper } from "./processes.ts";

const BUILD = fileURLToPath(new URL("../../build/Release/", import.meta.url));

/** Path of a tool. `IPMP_LAB_TOOLS` names another folder than the one that `npm run build:native` fills. */
function toolPath(name: string): string {
  const path = `${process.env.IPMP_LAB_TOOLS ?? BUILD}/${name}`;
  if (existsSync(path)) return path;
  throw new IpmpError("LAB_TOOL_MISSING", `${path} is missing; it is built by: npm run build:native`);
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

export class LabTool {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #waiting: Waiting[] = [];
  #stderr = "";
  #ended = false;

  constructor(keeper: ProcessKeeper, name: string, words: readonly string[]) {
    this.#name = name;
    this.#child = keeper.start([toolPath(name), ...words], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#child.stdin?.on("error", () => {});
    if (this.#child.stdout === null) throw new TypeError("standard output of a tool must be a pipe");
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#waiting.shift()?.resolve(line));
    this.#child.once("error", (error) => this.#abandon(error.message));
    this.#child.once("close", (status) => this.#abandon(`ended with status ${status}: ${this.#stderr.trim()}`));
  }

  /** The next line that the tool says by itself. */
  line(): Promise<string> {
    if (this.#ended) return Promise.reject(this.#failure("has ended"));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Gives a command and returns the answer. */
  ask(command: string): Promise<string> {
    const answer = this.line();
    this.#child.stdin?.write(`${command}\n`);
    return answer;
  }

  /** Gives the command that ends it; returns its last answer, when it has gone and left its sockets. */
  async askLast(command: string): Promise<string> {
    const gone = ended(this.#child);
    const answer = await this.ask(command);
    await gone;
    return answer;
  }

  #abandon(why: string): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure(why));
  }

  #failure(why: string): IpmpError {
    return new IpmpError("LAB_TOOL_FAILED", `${this.#name} ${why}`);
  }
}
