/** One way for every new configuration: SIGHUP, `POST /v1/reload` and `PUT /v1/config` all end here, one after the other. */
import { ConfigurationError } from "../config/configuration-error.ts";
import type { ParsedConfiguration } from "../config/index.ts";
import { formatProblem, type Problem } from "../config/problem.ts";
import type { ReloadResult } from "../control/routes.ts";
import type { Configuration } from "../core/configuration.ts";
import { differenceText } from "./configuration-difference.ts";
import type { Ipmp } from "./ipmp.ts";
import type { Log } from "./log.ts";

export interface ReloaderOptions {
  /** What the daemon starts with. */
  readonly configuration: Promise<Configuration>;
  readonly configurationFile: string;
  /** Reads the files anew. Rejects with ConfigurationError where they can not be read at all. */
  readonly load: () => Promise<ParsedConfiguration>;
  /** Takes the text of a file apart; never throws. */
  readonly parse: (text: string) => Promise<ParsedConfiguration>;
  readonly log: Log;
  /** Tells the service manager. */
  readonly tell: (state: string) => void;
}

type Configurable = Pick<Ipmp, "configure">;

/** People and tools wait for a reload, so it has an end; what the kernel still has to do then goes on. */
const SETTLING_LIMIT_MS = 4_000;

const NOT_YET =
  "Not everything is in place yet; the log names what the kernel refuses, and `ipmpstat` shows what is there";

export class Reloader {
  readonly #ipmp: Promise<Configurable>;
  readonly #options: ReloaderOptions;
  #configuration: Promise<Configuration>;
  #last: Promise<unknown> = Promise.resolve();
  #waiting: Promise<ReloadResult> | undefined;

  /** What is asked for before `ipmp` is there waits for it. */
  constructor(ipmp: Promise<Configurable>, options: ReloaderOptions) {
    this.#ipmp = ipmp;
    this.#options = options;
    this.#configuration = options.configuration;
  }

  /** The configuration in force. */
  get configuration(): Promise<Configuration> {
    return this.#configuration;
  }

  /** Reads the files again and puts them into force. Those who ask while another one waits for its turn share its result. */
  fromFile(): Promise<ReloadResult> {
    const { configurationFile, load } = this.#options;
    this.#waiting ??= this.#inTurn(configurationFile, () => {
      this.#waiting = undefined;
      return load();
    });
    return this.#waiting;
  }

  /** Puts this text into force; the file stays as it is, and returns with the next reload. */
  fromText(text: string): Promise<ReloadResult> {
    return this.#inTurn("the control socket", () => this.#options.parse(text));
  }

  #inTurn(source: string, read: () => Promise<ParsedConfiguration>): Promise<ReloadResult> {
    const turn = this.#last.then(() => this.#replace(source, read));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #replace(source: string, read: () => Promise<ParsedConfiguration>): Promise<ReloadResult> {
    const { tell } = this.#options;
    const ipmp = await this.#ipmp;
    tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    try {
      return await this.#take(ipmp, source, await read());
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return this.#refuse("NOT_READABLE", [error.message]);
    } finally {
      tell("READY=1");
    }
  }

  async #take(ipmp: Configurable, source: string, parsed: ParsedConfiguration): Promise<ReloadResult> {
    const { configuration, problems, complaints } = parsed;
    for (const complaint of complaints) this.#options.log.write("error", complaint);
    if (configuration === undefined) return this.#refuse("BAD_CONFIGURATION", problems.map(formatProblem));
    const warnings = [...complaints, ...this.#warn(parsed.warnings)];
    const before = await this.#configuration;
    this.#configuration = Promise.resolve(configuration);
    const settled = await hasSettled(ipmp, configuration);
    this.#options.log.write(
      "info",
      `The configuration from ${source} is in force: ${differenceText(before, configuration)}`,
    );
    if (settled) return { ok: true, warnings };
    this.#options.log.write("warning", NOT_YET);
    return { ok: true, warnings: [...warnings, NOT_YET] };
  }

  #warn(warnings: readonly Problem[]): string[] {
    const texts = warnings.map(formatProblem);
    for (const text of texts) this.#options.log.write("warning", text);
    return texts;
  }

  #refuse(code: "BAD_CONFIGURATION" | "NOT_READABLE", problems: readonly string[]): ReloadResult {
    const { log } = this.#options;
    for (const problem of problems) log.write("error", problem);
    log.write("error", "The new configuration is refused, and the one before stays in force");
    return { ok: false, code, problems };
  }
}

/** False where the kernel needs longer than we wait. */
async function hasSettled(ipmp: Configurable, configuration: Configuration): Promise<boolean> {
  const signal = AbortSignal.timeout(SETTLING_LIMIT_MS);
  try {
    await ipmp.configure(configuration, { signal });
    return true;
  } catch (error) {
    if (error !== signal.reason) throw error;
    return false;
  }
}
