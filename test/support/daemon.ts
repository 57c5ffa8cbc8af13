/** The real daemon at work in a laboratory. */
import type { ChildProcess } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, type DaemonSnapshot } from "../../src/control/client.ts";
import { IpmpError } from "../../src/core/errors.ts";
import type { Laboratory } from "./laboratory.ts";
import { end, type Outcome } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

const TOOLS = fileURLToPath(new URL("../../dist/cli/", import.meta.url));

export class LabDaemon {
  /** For IPMP_RUNTIME_DIR. */
  readonly runtimeDir: string;
  readonly logFile: string;
  readonly configFile: string;
  readonly #laboratory: Laboratory;
  readonly #process: ChildProcess;
  readonly #client: Client;

  private constructor(laboratory: Laboratory, configuration: string) {
    this.#laboratory = laboratory;
    this.runtimeDir = join(laboratory.directory, "ipmp");
    this.logFile = join(laboratory.directory, "ipmpd.log");
    this.configFile = join(laboratory.directory, "ipmp.yaml");
    writeFileSync(this.configFile, configuration);
    const log = openSync(this.logFile, "a");
    this.#process = laboratory.spawn("host", [process.execPath, join(TOOLS, "ipmpd.js"), ...this.#words()], {
      stdio: ["ignore", log, log],
    });
    this.#client = new Client({ runtimeDir: this.runtimeDir });
  }

  /** Starts `ipmpd` with this YAML and returns when it answers. */
  static async start(laboratory: Laboratory, configuration: string): Promise<LabDaemon> {
    const daemon = new LabDaemon(laboratory, configuration);
    await waitFor(
      "the daemon to answer",
      () => daemon.#look(),
      (seen) => typeof seen !== "string",
    );
    return daemon;
  }

  snapshot(): Promise<DaemonSnapshot> {
    return this.#client.snapshot();
  }

  /** Waits until the picture is as wanted. `what` completes "waited for ..."; an ended daemon ends the wait. */
  async until(what: string, done: (snapshot: DaemonSnapshot) => boolean, deadlineMs?: number): Promise<DaemonSnapshot> {
    const seen = await waitFor(
      what,
      () => this.#look(),
      (found) => typeof found !== "string" && done(found),
      deadlineMs,
    );
    if (typeof seen === "string") throw new TypeError("the wait ended without a picture");
    return seen;
  }

  /** Runs `ipmpstat` with these words. */
  ipmpstat(...words: string[]): Promise<Outcome> {
    const command = ["env", `IPMP_RUNTIME_DIR=${this.runtimeDir}`, process.execPath, join(TOOLS, "ipmpstat.js")];
    return this.#laboratory.run("host", [...command, ...words]);
  }

  log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /** Asks the daemon to end; addresses and routes stay. Returns its exit status. */
  stop(): Promise<number> {
    return end(this.#process);
  }

  /** Ends the daemon as a crash would. */
  kill(): Promise<number> {
    this.#process.kill("SIGKILL");
    return end(this.#process);
  }

  #words(): string[] {
    const stateDir = join(this.#laboratory.directory, "state");
    return ["--config", this.configFile, "--runtime-dir", this.runtimeDir, "--state-dir", stateDir];
  }

  /** The picture, or the text of why there is none (yet). */
  async #look(): Promise<DaemonSnapshot | string> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      throw new IpmpError("DAEMON_ENDED", `the daemon has ended, and its log says:\n${this.log()}`);
    }
    return this.#client.snapshot().catch((error: Error) => error.message);
  }
}

/** Every data address is carried by a member. */
export function allCarried(snapshot: DaemonSnapshot): boolean {
  return snapshot.addresses.length > 0 && snapshot.addresses.every((address) => address.inbound !== null);
}
