/** A control group that lets what runs in it have so many tasks (processes and threads), as TasksMax= of a service does. */
import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Hierarchies that may count tasks: of version 1, and of version 2. */
const ROOTS = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"] as const;

export class TaskLimit {
  readonly #group: string;

  private constructor(group: string) {
    this.#group = group;
  }

  /** A group, or in words why there can be none here. */
  static make(most: number): TaskLimit | string {
    const root = ROOTS.find(countsTasks);
    if (root === undefined) return "no control groups here that count tasks (pids)";
    try {
      const group = mkdtempSync(join(root, "ipmp-test-"));
      writeFileSync(join(group, "pids.max"), `${most}`);
      return new TaskLimit(group);
    } catch (error) {
      return `no control group can be made below ${root}: ${(error as Error).message}`;
    }
  }

  /** Words that put the program after them into the group. */
  get words(): readonly string[] {
    return ["sh", "-c", `echo $$ >${this.#group}/cgroup.procs && exec "$@"`, "sh"];
  }

  /** Once nothing runs in it any more. */
  remove(): void {
    rmdirSync(this.#group);
  }
}

function countsTasks(root: string): boolean {
  const controllers = join(root, "cgroup.subtree_control");
  if (existsSync(controllers)) return readFileSync(controllers, "utf8").split(/\s+/).includes("pids");
  return root.endsWith("/pids") && existsSync(join(root, "cgroup.procs"));
}
