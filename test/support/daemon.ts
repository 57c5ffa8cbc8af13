/** The real daemon at work in a laboratory. */
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, type DaemonSnapshot } from "../../src/control/client.ts";
import { IpmpError } from "../../src/core/errors.ts";
import type { Laboratory, Namespace } from "./laboratory.ts";
import { end, ended, type Outcome } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

const TOOLS = fileURLToPath(new URL("../../dist/cli/", import.meta.url));

/** A process that starts is what suffers most when the machine is busy with others. */
const START_DEADLINE_MS = 30_000;
/** One that has not ended by then hangs: longer than all of the daemon's own limits together. */
const STOP_DEADLINE_MS = 30_000;

export interface DaemonOptions {
  /** Where it works: the host, or a neighbour that has cards of its own. */
  readonly namespace?: Namespace;
  /** `NAME=VALUE` words: environment of the daemon, besides our own. */
  readonly environment?: readonly string[];
}

/** The folder of a namespace's daemon, made if missing: ipmpd itself makes only the last one of a path. */
function folder(laboratory: Laboratory, namespace: Namespace): string {
  const path = join(laboratory.directory, namespace);
  mkdirSync(path, { recursive: true });
  return path;
}

/** Where a namespace's daemon has its sockets, and where it keeps what survives it. */
function places(laboratory: Laboratory, namespace: Namespace): { runtimeDir: string; stateDir: string } {
  const parent = folder(laboratory, namespace);
  return { runtimeDir: join(parent, "run"), stateDir: join(parent, "state") };
}

/** The command line of `ipmpd` for a namespace, without a configuration. */
export function ipmpdWords(laboratory: Laboratory, namespace: Namespace, ...words: string[]): string[] {
  const { runtimeDir, stateDir } = places(laboratory, namespace);
  const folders = ["--runtime-dir", runtimeDir, "--state-dir", stateDir];
  return [process.execPath, join(TOOLS, "ipmpd.js"), ...folders, ...words];
}

/** Runs `ipmpd` to its end, e.g. with `--release`. */
export function ipmpd(laboratory: Laboratory, namespace: Namespace, ...words: string[]): Promise<Outcome> {
  return laboratory.run(namespace, ipmpdWords(laboratory, namespace, ...words), { anyStatus: true });
}

export class LabDaemon {
  /** For IPMP_RUNTIME_DIR. */
  readonly runtimeDir: string;
  /** What survives it is kept there. */
  readonly stateDir: string;
  readonly logFile: string;
  readonly configFile: string;
  readonly #laboratory: Laboratory;
  readonly #process: ChildProcess;
  readonly #client: Client;

  private constructor(laboratory: Laboratory, configuration: string, options: DaemonOptions) {
    const { namespace = "host", environment = [] } = options;
    this.#laboratory = laboratory;
    ({ runtimeDir: this.runtimeDir, stateDir: this.stateDir } = places(laboratory, namespace));
    const parent = folder(laboratory, namespace);
    this.logFile = join(parent, "ipmpd.log");
    this.configFile = join(parent, "ipmp.yaml");
    writeFileSync(this.configFile, configuration);
    const log = openSync(this.logFile, "a");
    const words = ipmpdWords(laboratory, namespace, "--config", this.configFile);
    this.#process = laboratory.spawn(namespace, ["env", ...environment, ...words], { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#client = new Client({ runtimeDir: this.runtimeDir });
  }

  /** Starts `ipmpd` with this YAML and returns when it answers. */
  static async start(laboratory: Laboratory, configuration: string, options: DaemonOptions = {}): Promise<LabDaemon> {
    const daemon = LabDaemon.launch(laboratory, configuration, options);
    await waitFor(
      "the daemon to answer",
      () => daemon.#look(),
      (seen) => typeof seen !== "string",
      START_DEADLINE_MS,
    );
    return daemon;
  }

  /** Starts it and returns at once: it may have no socket to answer on. */
  static launch(laboratory: Laboratory, configuration: string, options: DaemonOptions = {}): LabDaemon {
    return new LabDaemon(laboratory, configuration, options);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
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
    ).catch((cause: Error) => {
      throw new IpmpError("WAITED_IN_VAIN", `${cause.message}\nIts log says:\n${this.log()}`, { cause });
    });
    if (typeof seen === "string") throw new TypeError("the wait ended without a picture");
    return seen;
  }

  /** Runs `ipmpstat` with these words, to whatever status. */
  ipmpstat(...words: string[]): Promise<Outcome> {
    return this.tool("ipmpstat", ...words);
  }

  /** Runs one of our tools with these words, to whatever status. */
  tool(name: string, ...words: string[]): Promise<Outcome> {
    const command = ["env", `IPMP_RUNTIME_DIR=${this.runtimeDir}`, process.execPath, join(TOOLS, `${name}.js`)];
    return this.#laboratory.run("host", [...command, ...words], { anyStatus: true });
  }

  /** Of its control socket. */
  get client(): Client {
    return this.#client;
  }

  /** Replaces the text of its configuration file; nothing is read before a reload. */
  write(configuration: string): void {
    writeFileSync(this.configFile, configuration);
  }

  /** Asks it to read its file again. */
  hangUp(): void {
    this.#process.kill("SIGHUP");
  }

  log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /** Asks the daemon to end; addresses and routes stay. Returns its exit status. One that does not end is a failure, and told as one. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number> {
    this.#process.kill(signal);
    await waitFor(
      "the daemon to end",
      () => this.#hasEnded,
      (done) => done,
      STOP_DEADLINE_MS,
    );
    return await ended(this.#process);
  }

  /** Ends the daemon as a crash would. */
  kill(): Promise<number> {
    this.#process.kill("SIGKILL");
    return end(this.#process);
  }

  /** The signal that ended it, where it was one. */
  get endedBy(): string | null {
    return this.#process.signalCode;
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** The picture, or the text of why there is none (yet). */
  async #look(): Promise<DaemonSnapshot | string> {
    if (this.#hasEnded) {
      throw new IpmpError("DAEMON_ENDED", `the daemon has ended, and its log says:\n${this.log()}`);
    }
    return this.#client.snapshot().catch((error: Error) => error.message);
  }
}

/** Every data address is carried by a member. */
export function allCarried(snapshot: DaemonSnapshot): boolean {
  return snapshot.addresses.length > 0 && snapshot.addresses.every((address) => address.inbound !== null);
}
