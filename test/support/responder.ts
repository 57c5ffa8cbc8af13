/** Answers pings in the place of a namespace's kernel, and not always as it should: native/lab/responder.cc. */
import { IpmpError } from "../../src/core/errors.ts";
import type { LabTool } from "./lab-tool.ts";
import type { Laboratory, Namespace } from "./laboratory.ts";

const IGNORE_ECHO = ["ipv4/icmp_echo_ignore_all", "ipv6/icmp/echo_ignore_all"];

/** Replies that come to `address`, in the words of the tool: `forge` needs how many, `elsewhere` needs from where. */
export type Manner =
  | "honest"
  | "silent"
  | "twice"
  | "replay"
  | { readonly forge: number }
  | { readonly elsewhere: string };

export class Responder {
  readonly #tool: LabTool;

  private constructor(tool: LabTool) {
    this.#tool = tool;
  }

  /**
   * Takes over from the kernel of a namespace at its card to the switch, for good. Nobody there answers before `answer` says
   * how; neither is there an answer to multicasts.
   */
  static async start(laboratory: Laboratory, namespace: Namespace): Promise<Responder> {
    const input = IGNORE_ECHO.map((path) => `echo 1 >/proc/sys/net/${path}\n`).join("");
    await laboratory.run(namespace, ["sh", "-e"], { input });
    const tool = laboratory.tool("lab_responder", [namespace, "lan"]);
    await tool.line();
    return new Responder(tool);
  }

  /**
   * From now on requests to `address`, which need not exist but must be found by ARP, are answered like this.
   * `ADDRESS<SOURCE`: those of one source alone.
   */
  async answer(address: string, manner: Manner): Promise<void> {
    if (typeof manner === "string") await this.#ask(`${manner} ${address}`);
    else if ("forge" in manner) await this.#ask(`forge ${address} ${manner.forge}`);
    else await this.#ask(`elsewhere ${address} ${manner.elsewhere}`);
  }

  /** Requests to `address` since the latest `answer` about it. */
  async requests(address: string): Promise<number> {
    return Number(await this.#ask(`count ${address}`));
  }

  async #ask(command: string): Promise<string> {
    const [word, ...rest] = (await this.#tool.ask(command)).split(" ");
    if (word === "ok") return rest.join(" ");
    throw new IpmpError("RESPONDER_REFUSED", `${command}: ${rest.join(" ")}`);
  }
}
