/**
 * What the machine says of its members while it runs, judged against the truth at that moment: a failure that nothing in the
 * world has caused, a repair of what is still broken, more repairs than the flap limit believes.
 */
import type { Action } from "../../src/core/actions.ts";
import type { GroupConfiguration, MemberConfiguration } from "../../src/core/configuration.ts";
import type { Message } from "../../src/core/messages.ts";
import { probedFamilies } from "./truth.ts";
import { Violated } from "./violated.ts";
import type { World } from "./world.ts";

/** Ten probes without one answer are more than enough for a verdict, whatever was in flight. */
const VERDICT_INTERVALS = 10;
const INTERVALS_PER_DETECTION_TIME = 7;

/** After these, addresses move. */
const NEWS: readonly Message["id"][] = ["interface-failed", "interface-repaired", "group-failed", "group-usable"];

export class Journal {
  /** When a member last failed or was repaired. */
  lastNewsMs = 0;
  /** A group was said to be slowed down, since all its members lose part of their probes. */
  saidLimited = false;
  private readonly world: World;
  private readonly repairs = new Map<string, number[]>();

  constructor(world: World) {
    this.world = world;
  }

  /** Called with each action as it is carried out. */
  enter(action: Action): void {
    if (action.type === "answer") this.answered(action.id, action.refusal === undefined);
    this.saidLimited ||= action.type === "log" && action.message.id === "answers-limited";
    if (action.type !== "log" || !NEWS.includes(action.message.id)) return;
    this.lastNewsMs = this.world.kernel.nowMs;
    if (!this.world.lostSilently) this.judge(action.message);
  }

  private judge(message: Message): void {
    if (message.id !== "interface-failed" && message.id !== "interface-repaired") return;
    const found = this.find(message.group, message.interface);
    if (found === undefined) return;
    if (message.id === "interface-failed") this.failed(...found);
    else this.repaired(...found);
  }

  /** History starts anew: with another configuration other limits hold. */
  forget(): void {
    this.repairs.clear();
  }

  private answered(id: number, granted: boolean): void {
    const { asked, truth } = this.world;
    const request = asked.get(id);
    asked.delete(id);
    if (request !== undefined && granted) truth.administered(request.op, request.name);
  }

  private find(group: string, name: string): [GroupConfiguration, MemberConfiguration] | undefined {
    const configured = this.world.configuration.groups.find((candidate) => candidate.name === group);
    const member = configured?.members.find((candidate) => candidate.name === name);
    return configured === undefined || member === undefined ? undefined : [configured, member];
  }

  private failed(group: GroupConfiguration, member: MemberConfiguration): void {
    if (this.world.truth.isUntroubled(group, member, verdictWindowMs(group)))
      throw new Violated(`${member.name} is said to have failed, with nothing wrong for long`);
  }

  private repaired(group: GroupConfiguration, member: MemberConfiguration): void {
    const { truth, kernel } = this.world;
    const judged = probedFamilies(group, member).length > 0 && !truth.mayBeOffline(member.name);
    const broken = judged && truth.isCutOffFor(member.name, verdictWindowMs(group));
    if (broken) throw new Violated(`${member.name} is said to be repaired, with its path dead for long`);
    if (group.flapLimit === undefined) return;
    const { count, windowMs } = group.flapLimit;
    const repairs = [...(this.repairs.get(member.name) ?? []), kernel.nowMs].slice(-count - 2);
    this.repairs.set(member.name, repairs);
    const span = kernel.nowMs - (repairs[0] ?? 0);
    if (repairs.length === count + 2 && span < windowMs)
      throw new Violated(`${repairs.length} repairs of ${member.name} are believed within ${span} ms`);
  }
}

/** What went wrong longer ago can not be the reason of a failure that is found now. */
export function verdictWindowMs({ failureDetectionTimeCapMs }: GroupConfiguration): number {
  return (failureDetectionTimeCapMs / INTERVALS_PER_DETECTION_TIME) * VERDICT_INTERVALS;
}
