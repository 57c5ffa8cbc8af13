/** The kernel port on the native addon: rtnetlink, packet sockets and /proc/sys of one network namespace. */
import { setImmediate } from "node:timers";
import type { FailoverPlan } from "../core/actions.ts";
import type {
  Announcement,
  KernelNotice,
  KernelOutcome,
  KernelPicture,
  KernelRequest,
} from "../core/kernel-state/kernel-objects.ts";
import { OWN_NAMESPACE, originOf } from "../host/origin.ts";
import { createLink } from "./create-link.ts";
import { failure, withKernelErrors } from "./errors.ts";
import { namespaceCookie } from "./namespace.ts";
import {
  type NativeEngine,
  type NativeNotice,
  type NativeOtherRoute,
  type NativeOutcome,
  type NativeRequest,
  native,
} from "./native.ts";
import { OtherRoutes } from "./other-routes.ts";
import type { KernelListener, KernelPort, KernelStatus } from "./port.ts";
import { Settings } from "./settings.ts";

export interface RtnetlinkOptions {
  /** Path of the network namespace to work in (/run/netns/NAME); absent: the caller's own. */
  readonly netns?: string;
  /** Where old values of changed settings are kept; its folder is made where it is missing. */
  readonly settingsFile: string;
  /** Ask for real-time scheduling of the I/O thread; refused is no error, see status(). */
  readonly realtime: boolean;
  /** Room for notices not fetched yet; 1 MiB holds about a thousand link messages or ten thousand others. */
  readonly ringBytes?: number;
  /** Receive buffer of the socket for notices. */
  readonly receiveBufferBytes?: number;
}

const MEBIBYTE = 1024 * 1024;
const DONE: KernelOutcome = { ok: true };

export class Rtnetlink implements KernelPort {
  readonly #engine: NativeEngine;
  readonly #settings: Settings;
  readonly #listener: KernelListener;
  readonly #otherRoutes = new OtherRoutes();
  #closed = false;
  #saidUnasked = false;

  /** @throws KernelError where the addon is missing, or a privilege is. */
  static open(options: RtnetlinkOptions, listener: KernelListener): Rtnetlink {
    return withKernelErrors(() => new Rtnetlink(options, listener));
  }

  private constructor(options: RtnetlinkOptions, listener: KernelListener) {
    const { netns = "", realtime, ringBytes = MEBIBYTE, receiveBufferBytes = 4 * MEBIBYTE } = options;
    const { KernelEngine } = native();
    this.#listener = listener;
    this.#engine = new KernelEngine({ netns, realtime, ringBytes, receiveBufferBytes }, (notices, overrun) => {
      // First of all, or the end of what follows by an exception would be the end of all.
      setImmediate(() => this.#engine.drain());
      this.#deliver(this.#otherRoutes.translate(notices));
      for (const notice of notices) if (notice.kind === "driver-disbelieved") this.#reportDisbelieved(notice.name);
      // Only now: what is in these notices may be urgent, and where there are many routes reading takes its time.
      if (notices.some(isDoubt)) this.#settleOtherRoutes();
      if (overrun) this.#reportOverrun();
    });
    try {
      this.#settings = this.#openSettings(options);
    } catch (error) {
      this.#engine.close();
      throw error;
    }
  }

  #openSettings({ netns, settingsFile: path }: RtnetlinkOptions): Settings {
    const origin = originOf(namespaceCookie(netns), netns || OWN_NAMESPACE);
    const findLink = (index: number) => this.#engine.findLink(index);
    return new Settings(
      this.#engine,
      findLink,
      { path, origin },
      {
        failed: (text) => this.#listener.failed?.(text),
        recovered: (text) => this.#listener.recovered?.(text),
      },
    );
  }

  dump(settingsOf: readonly string[]): KernelPicture {
    return withKernelErrors(() => {
      const picture = this.#engine.dump(settingsOf);
      this.#settings.tryAgain();
      this.#listener.scanned?.();
      return {
        ...picture,
        otherRoutes: this.#otherRoutes.replace(picture, settingsOf),
        settings: this.#settings.values(settingsOf),
        kept: this.#settings.kept(picture.links),
      };
    });
  }

  apply(requests: readonly KernelRequest[]): readonly KernelOutcome[] {
    return withKernelErrors(() => {
      const outcomes: KernelOutcome[] = [];
      const batch: NativeRequest[] = [];
      const flush = () => {
        if (batch.length > 0) outcomes.push(...this.#engine.apply(batch.splice(0)).map(outcomeOf));
      };
      for (const request of requests) {
        if (isSingleMessage(request)) {
          batch.push(request);
          continue;
        }
        flush();
        outcomes.push(this.#compose(request));
      }
      flush();
      return outcomes;
    });
  }

  announce(announcements: readonly Announcement[]): void {
    withKernelErrors(() => this.#engine.announce(announcements));
  }

  /** @throws TypeError where a plan asks for more than rtnetlink messages (settings, a new link). */
  arm(plans: readonly FailoverPlan[]): void {
    withKernelErrors(() => this.#engine.arm(plans));
  }

  fire(index: number): boolean {
    return withKernelErrors(() => this.#engine.fire(index));
  }

  watch(indexes: readonly number[]): void {
    const refusal = withKernelErrors(() => this.#engine.watch(indexes));
    if (refusal !== "" && !this.#saidUnasked)
      this.#report(`Drivers that tell the loss of a link late are not asked: ${refusal}`);
    this.#saidUnasked = refusal !== "";
  }

  status(): KernelStatus {
    return this.#engine.status();
  }

  close(): void {
    this.#closed = true;
    this.#engine.close();
  }

  /** The listener may close us at any time, and nothing is called back afterwards. */
  #deliver(notices: readonly KernelNotice[]): void {
    if (notices.length > 0 && !this.#closed) this.#listener.notices(notices);
  }

  #report(text: string): void {
    if (!this.#closed) this.#listener.failed?.(text);
  }

  #reportDisbelieved(link: string): void {
    this.#report(
      `The driver of ${link} said for 5 s that there is no link, and the kernel never agreed: it is not asked any more`,
    );
  }

  #reportOverrun(): void {
    if (!this.#closed) this.#listener.overrun();
  }

  #settleOtherRoutes(): void {
    if (this.#closed) return;
    let routes: readonly NativeOtherRoute[];
    try {
      routes = this.#engine.otherRoutes();
    } catch {
      // Too much is changing to be read just now. Whoever listens knows what to do when only a dump can tell.
      this.#reportOverrun();
      return;
    }
    this.#deliver(this.#otherRoutes.settle(routes));
  }

  #compose(request: ComposedRequest): KernelOutcome {
    switch (request.op) {
      case "create-link":
        return createLink(this.#engine, request);
      case "set-setting":
        return this.#settings.set(request.link, request.index, request.key, request.value);
      case "restore-settings":
        return this.#settings.restore(request.index, request.keys);
    }
  }
}

type ComposedRequest = Extract<KernelRequest, { op: "create-link" | "set-setting" | "restore-settings" }>;

function isSingleMessage(request: KernelRequest): request is Exclude<KernelRequest, ComposedRequest> {
  return request.op !== "create-link" && request.op !== "set-setting" && request.op !== "restore-settings";
}

function isDoubt({ kind }: NativeNotice): boolean {
  return kind === "other-routes-doubtful";
}

function outcomeOf(outcome: NativeOutcome): KernelOutcome {
  return outcome === null ? DONE : failure(outcome.errno, outcome.text);
}
