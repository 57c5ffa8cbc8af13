/** Loads the addon: the only file that does. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { FailoverPlan } from "../core/actions.ts";
import type {
  Announcement,
  InterfaceAddress,
  KernelNotice,
  KernelRequest,
  Link,
  NextHop,
  OtherRoute,
  Route,
} from "../core/kernel-state/kernel-objects.ts";
import { KernelError } from "./errors.ts";
import type { NativeProberConstructor } from "./native-prober.ts";
import type { KernelStatus } from "./port.ts";

/** What is not one rtnetlink message each: `rtnetlink.ts` takes these apart. */
type ComposedOperation = "create-link" | "set-setting" | "restore-settings";

/** One rtnetlink message. */
export type NativeRequest =
  | Exclude<KernelRequest, { op: ComposedOperation }>
  | { readonly op: "create-link"; readonly name: string; readonly kind: string }
  | { readonly op: "dress-link"; readonly index: number; readonly alias: string }
  /** No IPv6 link-local address. */
  | { readonly op: "quiet-link"; readonly index: number };

/** null: done. */
export type NativeOutcome = { readonly errno: number; readonly text: string } | null;

export interface NativeEngineOptions {
  /** Path of a network namespace, "" for the caller's. */
  readonly netns: string;
  readonly realtime: boolean;
  /** Room for notices that JavaScript has not fetched yet. */
  readonly ringBytes: number;
  /** Of the socket on which the kernel reports changes. */
  readonly receiveBufferBytes: number;
}

/** `nextHopId` other than 0: index and gateway are those of that next-hop object, and must be looked up. */
export type NativeOtherRoute = OtherRoute & { readonly nextHopId: number };

export interface NativePicture {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
  readonly nextHops: readonly NextHop[];
  readonly routes: readonly Route[];
  /** May name a route twice. */
  readonly otherRoutes: readonly NativeOtherRoute[];
}

type OtherRouteKind = "other-route" | "other-route-removed";

export type NativeNotice =
  | Exclude<KernelNotice, { kind: OtherRouteKind }>
  /** One message of the kernel, with a route for each next hop; also by links that nobody asked about. */
  | { readonly kind: "other-routes" | "other-routes-removed"; readonly routes: readonly NativeOtherRoute[] }
  /** Routes have changed in a way that the kernel does not report: `otherRoutes()` tells what is there now. */
  | { readonly kind: "other-routes-doubtful" }
  /** The driver of this link said "no link" for seconds, and the kernel never agreed: it is not asked any more. */
  | { readonly kind: "driver-disbelieved"; readonly name: string };

/** Methods throw an Error with `operation`, `errno` and `text` where the system refuses. */
export interface NativeEngine {
  /** Other routes are those by the links with these names, about which notices come from now on. */
  dump(routesOf: readonly string[]): NativePicture;
  /** The other routes once more, of the links that the last dump was about. */
  otherRoutes(): readonly NativeOtherRoute[];
  /** By name or index, as of now: a change of name that is under way is waited for. */
  findLink(which: string | number): Link | null;
  apply(requests: readonly NativeRequest[]): readonly NativeOutcome[];
  /** How many frames left. */
  announce(announcements: readonly Announcement[]): number;
  arm(plans: readonly FailoverPlan[]): void;
  /** False where there is no plan for it. */
  fire(index: number): boolean;
  /** "" or the reason why drivers that tell a loss late are not asked. */
  watch(indexes: readonly number[]): string;
  status(): KernelStatus;
  /** In the engine's namespace: the text without its last line feed, or an errno. */
  readFiles(paths: readonly string[]): readonly (string | number)[];
  /** In the engine's namespace: 0 or an errno. */
  writeFile(path: string, text: string): number;
  /** See the callback. */
  drain(): void;
  close(): void;
}

/** One batch. Nothing more comes before `drain` is called, which belongs into a later turn of the event loop. */
export type NativeCallback = (notices: readonly NativeNotice[], overrun: boolean) => void;

export interface Native {
  readonly KernelEngine: new (options: NativeEngineOptions, callback: NativeCallback) => NativeEngine;
  readonly Prober: NativeProberConstructor;
  /** Waits for somebody to read there, at most so long; 0: not at all. */
  sendDatagram(path: string, text: string, waitMs: number): void;
  /** How many bytes of the buffer from this offset on were taken without waiting. */
  writeNow(descriptor: number, bytes: Uint8Array, offset: number): number;
  /** 0 where the kernel has next-hop objects, else an errno. */
  probeNextHops(): number;
  /** A descriptor: closing it gives the lock back. ENOSPC where somebody else holds it. */
  takeNamespaceLock(id: number): number;
  /** Who has connected to the unix socket with this descriptor. */
  peerUser(descriptor: number): number;
  /** SO_NETNS_COOKIE of the namespace at this path ("" for the caller's own), in digits. */
  namespaceCookie(path: string): string;
}

const require = createRequire(import.meta.url);
let loaded: Native | undefined;

/** The addon; loaded on first use, so that programs which never need it start without it. */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

/** Loaders write several lines, and end with an empty one. */
function oneLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().replace(/\s*\n[\s-]*/gu, " ");
}

function load(): Native {
  // biome-ignore lint/complexity/useLiteralKeys: process.env is an index signature for TypeScript
  const path = process.env["IPMP_NATIVE"];
  try {
    if (path !== undefined && path !== "") return require(path) as Native;
    const find = require("node-gyp-build") as (root: string) => Native;
    return find(fileURLToPath(new URL("../..", import.meta.url)));
  } catch (cause) {
    const where = path ? `IPMP_NATIVE=${path}` : `${process.platform}-${process.arch}, Node ${process.version}`;
    const message =
      `The native addon could not be loaded (${where}): ${oneLine(cause)}. ` +
      "It is prebuilt for Linux with glibc on x64 and arm64; elsewhere, and in a checkout, build it with " +
      '"npx node-gyp rebuild" in the folder of this package (a C++20 compiler, make and Python 3 are needed).';
    throw new KernelError(message, { code: "KERNEL_ADDON_MISSING", operation: "loading the native addon", cause });
  }
}
