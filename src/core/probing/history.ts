/** What became of the latest counted probes of one instance: the evidence for failure and repair. */

/** Ten rounds over five targets, and two more. */
export const HISTORY_LENGTH = 52;

/** So many of the latest answers are known however many probes were lost between them. */
export const ANSWERS_KEPT = 32;

/** A target that has lost so many in a row, while others answered, may have died. */
const SILENT_RUN = 3;

/** Looking back: the latest losses of one target, until an answer of it. Only those count that are asked for. */
interface LatestRun {
  lost: number;
  counted: number;
  isOver: boolean;
}

/** So many probes of so many were lost, in so many runs. */
export interface Losses {
  readonly lost: number;
  readonly of: number;
  readonly runs: number;
}

/** `unknown`: under way still, or forgotten. `skipped`: it never left, and says nothing. */
export type ProbeFate = "unknown" | "answered" | "lost" | "skipped";

/** A ring by sequence number. Nothing in it is allocated per probe: it is fed with many thousand results per second. */
export class ProbeHistory {
  readonly #sequences = new Float64Array(HISTORY_LENGTH).fill(-1);
  readonly #sentAt = new Float64Array(HISTORY_LENGTH);
  readonly #answeredAt = new Float64Array(HISTORY_LENGTH);
  readonly #fates: ProbeFate[] = new Array<ProbeFate>(HISTORY_LENGTH).fill("unknown");
  readonly #targets: string[] = new Array<string>(HISTORY_LENGTH).fill("");
  /** When the latest of the answered probes were sent, in the order in which the answers were filed. */
  readonly #answeredSentAt = new Float64Array(ANSWERS_KEPT).fill(Number.NEGATIVE_INFINITY);
  #answers = 0;
  #next = 0;
  #latestSentAt = Number.NEGATIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;
  #lastAnswerAt = Number.NEGATIVE_INFINITY;
  #firstArrivalAt = Number.POSITIVE_INFINITY;
  #latestArrivalAt = Number.NEGATIVE_INFINITY;
  #latestRoundTripMs = 0;
  /** Losses since the latest answer: a run may be longer than the memory. */
  #lostInRow = 0;
  #lostInRowSince = Number.POSITIVE_INFINITY;
  /** What was lost by chance is counted from then on (monotonic ms). */
  #chanceSince = Number.NEGATIVE_INFINITY;

  /** The highest sequence number seen, and one more. */
  get next(): number {
    return this.#next;
  }

  /** Probes sent before this (monotonic ms) belong to a time that is over, and are evidence of nothing. */
  get since(): number {
    return this.#since;
  }

  /** When the latest of the answered probes was sent (monotonic ms); minus infinity before the first answer. */
  get lastAnswerAt(): number {
    return this.#lastAnswerAt;
  }

  /** The target of the latest probe that left, or "". */
  get latestTarget(): string {
    for (let sequence = this.#next - 1; sequence >= this.#oldest; sequence--) {
      const fate = this.fateOf(sequence);
      if (fate === "answered" || fate === "lost") return this.#targetOf(sequence);
    }
    return "";
  }

  /** A later probe with an earlier number: who sends them has begun anew, and would never be heard again. */
  isRenumbered(sequence: number, sentAt: number): boolean {
    return sequence < this.#next && sentAt > this.#latestSentAt;
  }

  /** Too old to be remembered. */
  isForgotten(sequence: number): boolean {
    return sequence < this.#oldest;
  }

  fateOf(sequence: number): ProbeFate {
    const slot = slotOf(sequence);
    return this.#sequences[slot] === sequence ? (this.#fates[slot] as ProbeFate) : "unknown";
  }

  /** An answer, in time or late: also where the probe was given up for lost. */
  answered(sequence: number, target: string, sentAt: number, roundTripMs: number): void {
    const arrivedAt = sentAt + roundTripMs;
    this.#lostInRow = 0;
    this.#put(sequence, target, sentAt, "answered");
    this.#answeredAt[slotOf(sequence)] = arrivedAt;
    this.#answeredSentAt[this.#answers++ % ANSWERS_KEPT] = sentAt;
    if (sentAt > this.#lastAnswerAt) this.#lastAnswerAt = sentAt;
    this.#firstArrivalAt = Math.min(this.#firstArrivalAt, arrivedAt);
    if (arrivedAt < this.#latestArrivalAt) return;
    this.#latestArrivalAt = arrivedAt;
    this.#latestRoundTripMs = roundTripMs;
  }

  /** Does what arrives then come less than `apartMs` behind an answer that had taken longer than that, too? */
  isHeldUp(arrivedAt: number, apartMs: number): boolean {
    return this.#latestRoundTripMs >= apartMs && arrivedAt - this.#latestArrivalAt < apartMs;
  }

  /** False where what became of it is known already. */
  lost(sequence: number, target: string, sentAt: number): boolean {
    if (!this.#putNew(sequence, target, sentAt, "lost")) return false;
    if (this.#lostInRow++ === 0) this.#lostInRowSince = sentAt;
    return true;
  }

  /** It never left: it neither ends nor lengthens a run. False where what became of it is known already. */
  skipped(sequence: number, target: string, sentAt: number): boolean {
    return this.#putNew(sequence, target, sentAt, "skipped");
  }

  /** So many of the latest probes were lost, without an answer in between. */
  lostRun(): number {
    const run = this.#run("lost", "answered", undefined);
    return run < HISTORY_LENGTH ? run : this.#lostInRow;
  }

  /** Since when (monotonic ms) nothing but losses was filed, however long ago that was; meaningless without any. */
  get lostInRowSince(): number {
    return this.#lostInRowSince;
  }

  /**
   * The same of the probes to one target, as far as they left once somebody had answered: of those before it is not known whether
   * anything came through at all.
   */
  lostRunOf(target: string): number {
    return this.#run("lost", "answered", target, 0, this.#firstArrivalAt);
  }

  /**
   * So many of the latest probes were answered, without a loss in between. Answers that came in one lump, less than `apartMs`
   * from each other, count as one: what a queue held back for a while tells of one moment only.
   */
  answeredRun(apartMs: number): number {
    return this.#run("answered", "lost", undefined, apartMs);
  }

  /** The same of the probes to one target. */
  answeredRunOf(target: string, apartMs: number): number {
    return this.#run("answered", "lost", target, apartMs);
  }

  /** When the first probe of the present run of losses was sent (monotonic ms); infinity where there is none. */
  firstLossAt(): number {
    let first = Number.POSITIVE_INFINITY;
    for (let sequence = this.#next - 1; sequence >= this.#oldest; sequence--) {
      const fate = this.fateOf(sequence);
      if (fate === "answered") break;
      if (fate === "lost") first = this.#sentAt[slotOf(sequence)] as number;
    }
    return first;
  }

  /** Did one of these targets answer a probe that was sent after `sentAt` (monotonic ms)? */
  isAnsweredSince(sentAt: number, isMeant: (target: string) => boolean): boolean {
    for (let sequence = this.#next - 1; sequence >= this.#oldest; sequence--) {
      const slot = slotOf(sequence);
      if (this.fateOf(sequence) !== "answered" || (this.#sentAt[slot] as number) <= sentAt) continue;
      if (isMeant(this.#targetOf(sequence))) return true;
    }
    return false;
  }

  /** Were so many probes, at most `ANSWERS_KEPT`, that were sent after `sentAt` (monotonic ms) answered? */
  hasAnsweredSince(sentAt: number, count: number): boolean {
    return this.#answers >= count && (this.#answeredSentAt[(this.#answers - count) % ANSWERS_KEPT] as number) > sentAt;
  }

  /** So many of the present run of losses were sent from then on (monotonic ms). */
  lostSince(sentAt: number): number {
    let count = 0;
    for (let sequence = this.#next - 1; sequence >= this.#oldest; sequence--) {
      const fate = this.fateOf(sequence);
      if (fate === "answered") break;
      if (fate === "lost" && (this.#sentAt[slotOf(sequence)] as number) >= sentAt) count++;
    }
    return count;
  }

  /**
   * What became of the probes that left from `since` on, and before `until` (monotonic ms), those to `except` aside. Losses to a target
   * that has fallen silent, or was silent all along, are left out: they tell of that target alone. So is a failure that is over, and
   * whatever was before the first answer.
   */
  losses(since: number, until: number, except = ""): Losses {
    const from = Math.max(since, this.#chanceSince, this.#firstArrivalAt);
    const latest = new Map<string, LatestRun>();
    const sum = { lost: 0, of: 0, runs: 0 };
    let anyAnswered = false;
    let inRun = false;
    for (let sequence = this.#next - 1; sequence >= this.#oldest; sequence--) {
      const fate = this.fateOf(sequence);
      const target = this.#targetOf(sequence);
      if ((fate !== "answered" && fate !== "lost") || target === except) continue;
      const sentAt = this.#sentAt[slotOf(sequence)] as number;
      const counted = sentAt >= from && sentAt < until ? 1 : 0;
      const run = latest.get(target) ?? { lost: 0, counted: 0, isOver: false };
      latest.set(target, run);
      if (fate === "answered") {
        if (!run.isOver && run.lost < SILENT_RUN) add(sum, run.counted);
        run.isOver = true;
        anyAnswered = true;
        sum.of += counted;
      } else if (run.isOver || !anyAnswered) {
        add(sum, counted);
      } else {
        run.lost++;
        run.counted += counted;
      }
      if (counted === 1 && fate === "lost" && !inRun) sum.runs++;
      if (counted === 1) inRun = fate === "lost";
    }
    return sum;
  }

  /** Was a later probe to the same target answered? */
  isOvertaken(sequence: number, target: string): boolean {
    for (let later = this.#next - 1; later > sequence; later--) {
      if (this.fateOf(later) === "answered" && this.#targetOf(later) === target) return true;
    }
    return false;
  }

  /** A failure is over at `now` (monotonic ms): it was no chance. */
  endFailure(now: number): void {
    this.#chanceSince = now;
  }

  /** Forgets everything, and what is still under way at `now` (monotonic ms) in advance. */
  clear(now: number): void {
    this.#sequences.fill(-1);
    this.#next = 0;
    this.#since = now;
    this.#lastAnswerAt = Number.NEGATIVE_INFINITY;
    this.#firstArrivalAt = Number.POSITIVE_INFINITY;
    this.#latestArrivalAt = Number.NEGATIVE_INFINITY;
    this.#lostInRow = 0;
    this.#answers = 0;
  }

  get #oldest(): number {
    return Math.max(0, this.#next - HISTORY_LENGTH);
  }

  #isLump(sequence: number, laterAt: number, apartMs: number): boolean {
    return Math.abs(laterAt - (this.#answeredAt[slotOf(sequence)] as number)) < apartMs;
  }

  #targetOf(sequence: number): string {
    return this.#targets[slotOf(sequence)] as string;
  }

  #putNew(sequence: number, target: string, sentAt: number, fate: ProbeFate): boolean {
    if (this.isForgotten(sequence) || this.fateOf(sequence) !== "unknown") return false;
    this.#put(sequence, target, sentAt, fate);
    return true;
  }

  #put(sequence: number, target: string, sentAt: number, fate: ProbeFate): void {
    const slot = slotOf(sequence);
    this.#sequences[slot] = sequence;
    this.#sentAt[slot] = sentAt;
    this.#fates[slot] = fate;
    this.#targets[slot] = target;
    if (sequence < this.#next) return;
    this.#next = sequence + 1;
    this.#latestSentAt = sentAt;
  }

  /** Probes that are under way or never left are passed over. */
  #run(counted: ProbeFate, ended: ProbeFate, target: string | undefined, apartMs = 0, since = 0): number {
    let length = 0;
    let laterAt = Number.POSITIVE_INFINITY;
    for (let sequence = this.#next - 1; sequence >= this.#oldest; sequence--) {
      const fate = this.fateOf(sequence);
      if (target !== undefined && this.#targetOf(sequence) !== target) continue;
      if (fate === ended) break;
      if (fate !== counted) continue;
      if ((this.#sentAt[slotOf(sequence)] as number) < since) break;
      if (this.#isLump(sequence, laterAt, apartMs)) continue;
      laterAt = this.#answeredAt[slotOf(sequence)] as number;
      length++;
    }
    return length;
  }
}

function add(sum: { lost: number; of: number }, losses: number): void {
  sum.lost += losses;
  sum.of += losses;
}

function slotOf(sequence: number): number {
  return sequence % HISTORY_LENGTH;
}
