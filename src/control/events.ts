/** What a stream of events carries, and how state changes are found. */
import type { Level, Message } from "../core/messages.ts";
import type { AddressSnapshot, GroupSnapshot, InterfaceSnapshot, Snapshot } from "../core/snapshot.ts";
import type { DaemonSnapshot } from "./snapshot.ts";

/** Something logged. `text` is the log line without time and level; `message` the same as fields. */
export interface MessageEvent {
  readonly type: "message";
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: Level;
  readonly text: string;
  /** The fact that led to it. */
  readonly cause: string;
  readonly message: Message;
}

/** One object before and after; null where it did not exist, or exists no more. */
export interface ChangeEvent<Type extends string, Value> {
  readonly type: Type;
  readonly time: string;
  readonly name: string;
  readonly before: Value | null;
  readonly after: Value | null;
}

export type StateEvent =
  | ChangeEvent<"group", GroupSnapshot>
  | ChangeEvent<"interface", InterfaceSnapshot>
  | ChangeEvent<"address", AddressSnapshot>;

/** The first event of every stream: what all later ones change. */
export interface SnapshotEvent {
  readonly type: "snapshot";
  readonly time: string;
  readonly snapshot: DaemonSnapshot;
}

export type ControlEvent = MessageEvent | StateEvent | SnapshotEvent;

/**
 * What counts as a change of an interface: not its counters, which grow with every probe, or the events would be no
 * more than an echo of the probes.
 */
function withoutCounters(face: InterfaceSnapshot): unknown {
  return { ...face, probes: face.probes.map(({ family, probe }) => ({ family, probe })) };
}

/**
 * What differs between two pictures: addresses first, then interfaces, then groups, so that whoever hears of a group
 * has heard of its parts. Equal pictures give nothing. `time` is put into every event.
 */
export function stateChanges(before: Snapshot, after: Snapshot, time: string): StateEvent[] {
  const addressName = (address: AddressSnapshot) => address.address;
  const name = (object: { readonly name: string }) => object.name;
  return [
    ...changesOf("address", before.addresses, after.addresses, addressName, time),
    ...changesOf("interface", before.interfaces, after.interfaces, name, time, withoutCounters),
    ...changesOf("group", before.groups, after.groups, name, time),
  ];
}

function changesOf<Type extends string, Value>(
  type: Type,
  before: readonly Value[],
  after: readonly Value[],
  nameOf: (value: Value) => string,
  time: string,
  essence: (value: Value) => unknown = (value) => value,
): ChangeEvent<Type, Value>[] {
  const same = (was: Value, is: Value) => JSON.stringify(essence(was)) === JSON.stringify(essence(is));
  const old = new Map(before.map((value) => [nameOf(value), value]));
  const changes: ChangeEvent<Type, Value>[] = [];
  for (const value of after) {
    const name = nameOf(value);
    const was = old.get(name) ?? null;
    old.delete(name);
    if (was === value || (was !== null && same(was, value))) continue;
    changes.push({ type, time, name, before: was, after: value });
  }
  for (const [name, value] of old) changes.push({ type, time, name, before: value, after: null });
  return changes;
}
