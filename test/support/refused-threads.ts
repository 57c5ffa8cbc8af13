/** A library to preload with which one thread is refused: see native/lab/refuse_threads.cc. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../../native/lab/refuse_threads.cc", import.meta.url));

/** Builds it into this folder; returns its path. */
export function buildThreadRefuser(directory: string): string {
  const library = join(directory, "refuse_threads.so");
  execFileSync("c++", ["-std=c++20", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], { stdio: "inherit" });
  return library;
}
