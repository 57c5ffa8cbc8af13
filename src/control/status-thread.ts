/**
 * The thread that serves status.sock, seen from the main thread. Every local user may open that socket: what they keep busy, or
 * bring down, is a thread that nothing else waits for, with a heap of its own.
 */
import { Worker } from "node:worker_threads";
import { ControlError, type ControlErrorCode } from "./errors.ts";
import type { ControlEvent } from "./events.ts";
import type { ControlSource } from "./routes.ts";
import { removeIfSame } from "./socket-file.ts";
import { StatusFeed } from "./status-feed.ts";
import type { FromStatus, StatusOptions, ToStatus } from "./status-protocol.ts";

export interface StatusThreadOptions extends StatusOptions {
  /** The file that the thread runs: it calls `serveStatus`. */
  readonly entry: URL;
  readonly source: ControlSource;
  /** Hears, in a whole sentence, when the thread ended by itself; it is started again. */
  readonly failed: (text: string) => void;
}

/** A snapshot of thousands of addresses fits several times; clients that grow beyond it end the thread, not the daemon. */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 } as const;
const RESTART_AFTER_MS = 1000;

export class StatusThread {
  readonly #options: StatusThreadOptions;
  #worker: Worker | undefined;
  #feed: StatusFeed | undefined;
  #restart: NodeJS.Timeout | undefined;
  #removeFile = async () => {};
  #isClosed = false;

  private constructor(options: StatusThreadOptions) {
    this.#options = options;
  }

  /** @throws {ControlError} where the socket can not be opened: see `Door.open` */
  static async start(options: StatusThreadOptions): Promise<StatusThread> {
    const thread = new StatusThread(options);
    await thread.#start();
    return thread;
  }

  publish(event: ControlEvent): void {
    this.#feed?.publish(event);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    this.#feed?.close();
    // Not asked to end by itself: it may be kept busy, and what it would have to put in order goes with it.
    await Promise.all([this.#worker?.terminate(), this.#removeFile()]);
  }

  /** Resolves when it listens. */
  #start(): Promise<void> {
    const { entry, source, path, limits } = this.#options;
    const workerData: StatusOptions = { path, limits };
    const worker = new Worker(entry, { workerData, name: "ipmp-status", resourceLimits: HEAP });
    const feed = new StatusFeed(source, (news) => worker.postMessage({ news } satisfies ToStatus));
    this.#worker = worker;
    this.#feed = feed;
    return new Promise((resolve, reject) => {
      let listens = false;
      let why = "it ended without a word";
      let code: ControlErrorCode = "CANNOT_LISTEN";
      worker.on("message", (message: FromStatus) => {
        if (message.type === "ask") void feed.answer(message.question);
        else if (message.type === "audience") feed.setAudience(message.kind, message.anybody);
        else if (message.type === "taken") feed.taken();
        else if (message.type === "refused") [code, why] = [message.code, message.text];
        else {
          listens = true;
          this.#removeFile = () => removeIfSame(path, message.inode);
          resolve();
        }
      });
      worker.on("error", (error: Error) => {
        why = error.message;
      });
      worker.once("exit", () => {
        feed.close();
        this.#worker = undefined;
        this.#feed = undefined;
        if (listens) this.#ended(why, true);
        else reject(new ControlError(code, why));
      });
    });
  }

  /** @param isNew it had been serving: a start that fails again and again is told of once */
  #ended(why: string, isNew: boolean): void {
    if (this.#isClosed) return;
    if (isNew) this.#options.failed(`${this.#options.path} is not served (${why}); it is tried again every second`);
    this.#restart = setTimeout(() => {
      this.#start().catch((error: Error) => this.#ended(error.message, false));
    }, RESTART_AFTER_MS);
  }
}
