/** Collects the single probes of a daemon, in the order in which their fates become known. */
import type { ProbeEvent } from "../../src/control/client.ts";
import type { LabDaemon } from "./daemon.ts";
import { waitFor } from "./wait-for.ts";

export class ProbeFollower {
  readonly #controller = new AbortController();
  readonly #events: ProbeEvent[] = [];
  #failure: Error | undefined;

  private constructor() {}

  /** Returns when the first event has come. */
  static async start(daemon: LabDaemon): Promise<ProbeFollower> {
    const follower = new ProbeFollower();
    follower.#follow(daemon).catch((error: Error) => {
      follower.#failure = error;
    });
    await waitFor(
      "the first probe",
      () => follower.of().length,
      (count) => count > 0,
    );
    return follower;
  }

  /** What has come so far, of one interface or of all. */
  of(name?: string): readonly ProbeEvent[] {
    if (this.#failure !== undefined) throw this.#failure;
    return name === undefined ? this.#events : this.#events.filter((event) => event.interface === name);
  }

  end(): void {
    this.#controller.abort();
  }

  async #follow(daemon: LabDaemon): Promise<void> {
    for await (const event of daemon.client.followProbes(this.#controller.signal)) this.#events.push(event);
  }
}
