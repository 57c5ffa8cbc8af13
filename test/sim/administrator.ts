/** Somebody who takes interfaces out of service and brings them back, and looks whether the answer is right. */
import type { InterfaceSnapshot, Snapshot } from "../../src/core/snapshot.ts";
import type { RequestAnswer } from "../support/simulated-daemon.ts";
import { demand } from "./violated.ts";
import type { World } from "./world.ts";

/** Mostly one who wants another member to be left. */
export function ask(world: World, op: "offline" | "online", name: string): void {
  const { daemon, random, asked, truth, deaths } = world;
  const before = daemon.snapshot();
  const minimumRedundancy = random.chance(0.9) ? 1 : 0;
  const id = daemon.request(op === "offline" ? { op, interface: name, minimumRedundancy } : { op, interface: name });
  const answer = daemon.answerTo(id);
  world.note(() => `${op} ${name}: ${answer ?? "granted, and not done yet"}`);
  checkAnswer(before, op, name, minimumRedundancy, answer);
  if (world.deaths > deaths) world.leaveUnanswered(name);
  else if (answer === undefined) asked.set(id, { op, name });
  else if (answer === "done") truth.administered(op, name);
  // From now on it waits for an address of its own, and comes back by itself.
  else if (answer === "duplicate-hardware-address") truth.administered("online", name);
}

/** Against the picture that the administrator had when he asked. A daemon that died over it has granted nothing. */
function checkAnswer(
  { interfaces }: Snapshot,
  op: "offline" | "online",
  name: string,
  minimumRedundancy: number,
  answer: RequestAnswer | undefined,
): void {
  const row = interfaces.find((candidate) => candidate.name === name);
  const text = () => `${op} of ${name} (${row?.state}), keeping ${minimumRedundancy}: ${answer ?? "granted"}`;
  demand((row === undefined) === (answer === "unknown-interface"), text);
  if (row === undefined) return;
  const wasOffline = row.state === "offline";
  demand((op === "online" && !wasOffline) === (answer === "not-offline"), text);
  demand((op === "offline" && wasOffline) === (answer === "already-offline"), text);
  if (op === "online" || wasOffline) return;
  const members = interfaces.filter((one) => one.group === row.group);
  const others = members.filter((other) => other.name !== name);
  const failed = !members.some(functions);
  const left = row.group === "" ? 0 : others.filter((other) => (failed ? isThere(other) : functions(other))).length;
  demand(left < minimumRedundancy === (answer === "minimum-redundancy"), text);
}

/** One that has only just been found is not there yet. */
function functions({ state, reason }: InterfaceSnapshot): boolean {
  return state === "ok" || (state === "unknown" && reason !== "new");
}

/** In a group that has failed anything that is not out of service counts. */
function isThere({ state, index }: InterfaceSnapshot): boolean {
  return state !== "offline" && index !== null;
}
