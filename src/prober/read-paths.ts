/** Whatever a program passes to `probe` -> paths for the engine, or an error that names the place. */
import type { ProbeMethod } from "../core/actions.ts";
import type { Family } from "../core/configuration.ts";
import { readCount, readFlag, readList, readMs, readObject, readText, refuse } from "./arguments.ts";
import { ProberError } from "./errors.ts";
import { octetsOf, textOf } from "./ip-octets.ts";
import type { EnginePath } from "./path-book.ts";
import { PROBE_LIMITS, type ProbePath } from "./probe-path.ts";

/** With the names that results carry. */
export interface LibraryPath extends EnginePath {
  readonly interface: string;
  readonly name: string;
}

/** Indexes of links by their names, 0 where there is none. */
export type LinkIndexes = (names: readonly string[]) => readonly number[];

type WithoutIndex = Omit<LibraryPath, "key" | "index">;

interface Address {
  readonly family: Family;
  readonly address: string;
}

const FIELDS = [
  "interface",
  "source",
  "targets",
  "intervalMs",
  "timeoutMs",
  "burst",
  "method",
  "discover",
  "secondOpinion",
  "name",
] as const;

const EXAMPLE = "192.0.2.1 or 2001:db8::1";

/** Names no sender. */
const NO_SOURCE: Address = { family: 4, address: "0.0.0.0" };

/** @throws ProberError BAD_ARGUMENT, UNKNOWN_INTERFACE; KernelError where the interfaces can not be read */
export function readPaths(value: unknown, linkIndexes: LinkIndexes): readonly LibraryPath[] {
  const paths = readList("paths", value, PROBE_LIMITS.paths).map((path, at) => readPath(`paths[${at}]`, path));
  const targets = paths.reduce((sum, path) => sum + path.targets.length, 0);
  if (targets > PROBE_LIMITS.targets) refuse("paths", `${targets} targets`, `at most ${PROBE_LIMITS.targets} in all`);
  const keyed = withIndexes(paths, linkIndexes);
  refuseTwins(keyed);
  return keyed;
}

function readPath(place: string, value: unknown): WithoutIndex {
  const path = readObject<Record<keyof ProbePath, unknown>>(place, value, FIELDS);
  const { intervalMs: step, timeoutMs: timeout, burst = 1, discover = false, secondOpinion = false, name = "" } = path;
  const { minimumIntervalMs: least, maximumIntervalMs: most } = PROBE_LIMITS;
  const method = readMethod(`${place}.method`, path.method ?? "echo");
  const source = method === "echo" ? readHost(`${place}.source`, path.source) : readNoSource(place, path.source);
  const intervalMs = readMs(`${place}.intervalMs`, step, least, most);
  const timeoutMs = timeout === undefined ? intervalMs : readMs(`${place}.timeoutMs`, timeout, least, most);
  const asks = readEchoFlag(`${place}.discover`, discover, method);
  return {
    interface: readInterfaceName(`${place}.interface`, path.interface),
    name: readText(`${place}.name`, name, PROBE_LIMITS.nameLength),
    ...{ family: source.family, source: source.address, method, intervalMs, detectionIntervalMs: intervalMs },
    burst: readCount(`${place}.burst`, burst, PROBE_LIMITS.burst),
    discover: asks,
    secondOpinion: readEchoFlag(`${place}.secondOpinion`, secondOpinion, method),
    targets: readTargets(`${place}.targets`, path.targets, source, asks).map((address) => ({ address, timeoutMs })),
  };
}

function readMethod(place: string, value: unknown): ProbeMethod {
  return value === "echo" || value === "arp" ? value : refuse(place, value, '"echo" or "arp"');
}

function readNoSource(place: string, value: unknown): Address {
  return value === undefined ? NO_SOURCE : refuse(`${place}.source`, value, "none: ARP requests name no sender");
}

function readEchoFlag(place: string, value: unknown, method: ProbeMethod): boolean {
  const flag = readFlag(place, value);
  return flag && method === "arp" ? refuse(place, value, "false with ARP requests") : flag;
}

/** As the kernel takes them (IFNAMSIZ). */
function readInterfaceName(place: string, value: unknown): string {
  const fits = typeof value === "string" && /^[^/:\s]{1,15}$/u.test(value) && Buffer.byteLength(value) <= 15;
  return fits ? value : refuse(place, value, "the name of an interface: 1 to 15 bytes, such as eth0");
}

function readTargets(place: string, value: unknown, source: Address, discover: boolean): readonly string[] {
  const texts = readList(place, value, PROBE_LIMITS.targetsOfPath);
  if (texts.length === 0 && !discover) refuse(place, texts, "at least one address, or discover: true");
  const seen = new Set<string>();
  texts.forEach((text, at) => {
    const { family, address } = readHost(`${place}[${at}]`, text);
    if (family !== source.family) refuse(`${place}[${at}]`, text, `an IPv${source.family} address, as the source`);
    // This host would answer itself, whatever becomes of the path.
    if (address === source.address) refuse(`${place}[${at}]`, text, "another host than the source");
    if (seen.has(address)) refuse(`${place}[${at}]`, text, "each address once");
    seen.add(address);
  });
  return [...seen];
}

/** The address of one host, in canonical text. */
function readHost(place: string, value: unknown): Address {
  if (typeof value === "string" && value.includes("%")) {
    refuse(place, value, "an address without a zone: the interface is named in its own field");
  }
  const octets = typeof value === "string" ? octetsOf(value) : undefined;
  if (octets === undefined) return refuse(place, value, `an address such as ${EXAMPLE}`);
  if (isNoHost(octets)) refuse(place, value, `the address of one host, such as ${EXAMPLE}`);
  const family = octets.length === 4 ? 4 : 6;
  return { family, address: textOf(family, octets) };
}

/** 0.0.0.0/8, multicast and beyond; the unspecified address, multicast, IPv4-mapped. */
function isNoHost(octets: Uint8Array): boolean {
  const [first = 0] = octets;
  if (octets.length === 4) return first === 0 || first >= 224;
  const isZero = (octet: number) => octet === 0;
  const isMapped = octets.subarray(0, 10).every(isZero) && octets[10] === 0xff && octets[11] === 0xff;
  return first === 0xff || octets.every(isZero) || isMapped;
}

function withIndexes(paths: readonly WithoutIndex[], linkIndexes: LinkIndexes): readonly LibraryPath[] {
  const names = [...new Set(paths.map((path) => path.interface))];
  const found = linkIndexes(names);
  const indexes = new Map(names.map((name, at) => [name, found[at] ?? 0]));
  return paths.map((path, at) => {
    const index = indexes.get(path.interface) ?? 0;
    if (index === 0) throw unknownInterface(`paths[${at}].interface`, path.interface);
    const { method, source, name } = path;
    return { ...path, index, key: `${index} ${method} ${source} ${name}` };
  });
}

function unknownInterface(place: string, name: string): ProberError {
  const text = `${place}: found ${name}, needed the name of an interface in the network namespace of the prober`;
  return new ProberError("UNKNOWN_INTERFACE", text);
}

function refuseTwins(paths: readonly LibraryPath[]): void {
  const first = new Map<string, number>();
  paths.forEach(({ key }, at) => {
    const twin = first.get(key);
    if (twin === undefined) first.set(key, at);
    else refuse(`paths[${at}]`, `interface, source and method of paths[${twin}]`, "a name that tells them apart");
  });
}
