/** A library to preload with which the drivers of all links tell the kernel late: see native/lab/late_driver.cc. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../../native/lab/late_driver.cc", import.meta.url));

export class LateDriver {
  readonly #library: string;
  readonly #directory: string;

  /** Builds it into this folder. */
  constructor(directory: string) {
    this.#library = join(directory, "late_driver.so");
    execFileSync("c++", ["-std=c++20", "-shared", "-fPIC", "-o", this.#library, SOURCE, "-ldl"], { stdio: "inherit" });
    this.#directory = join(directory, "late");
    mkdirSync(this.#directory);
  }

  /** Words for the environment of who is to work with it, and with other libraries. */
  environment(...libraries: string[]): string[] {
    return [`LD_PRELOAD=${[this.#library, ...libraries].join(":")}`, `LATE_DRIVER=${this.#directory}`];
  }

  /** The driver knows that the link is lost; the kernel does not. */
  lose(nic: string): void {
    writeFileSync(join(this.#directory, nic), "");
  }

  find(nic: string): void {
    rmSync(join(this.#directory, nic), { force: true });
  }
}
