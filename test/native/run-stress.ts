/** Runs the stress suite on one build of the addon: `tsx test/native/run-stress.ts plain|asan|tsan`. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Build {
  readonly library?: string;
  readonly environment: NodeJS.ProcessEnv;
}

const BUILDS: Readonly<Record<string, Build>> = {
  plain: { environment: {} },
  // Node keeps much until it ends, which a leak check would blame on us.
  asan: { library: "libasan.so", environment: { ASAN_OPTIONS: "detect_leaks=0" } },
  // Of V8 and libuv, which are not instrumented, nothing is believed; of our own code everything.
  tsan: { library: "libtsan.so", environment: { TSAN_OPTIONS: "ignore_noninstrumented_modules=1" } },
};

function environmentOf(name: string, { library, environment }: Build): NodeJS.ProcessEnv {
  if (library === undefined) return environment;
  const addon = [`build-cmake/${name}/RelWithDebInfo/ipmp_native.node`, `build-cmake/${name}/ipmp_native.node`]
    .map((path) => `${ROOT}${path}`)
    .find((path) => existsSync(path));
  if (addon === undefined)
    throw new Error(`No ${name} build of the addon was found: run "npm run native:${name}" first.`);
  const path = execFileSync("gcc", [`-print-file-name=${library}`], { encoding: "utf8" }).trim();
  return { ...environment, IPMP_NATIVE: addon, IPMP_SANITIZER_LIBRARY: path };
}

const [name = "plain"] = process.argv.slice(2);
const build = BUILDS[name];
if (build === undefined)
  throw new Error(`"${name}" is no build of the addon; there are ${Object.keys(BUILDS).join(", ")}.`);
const { status } = spawnSync("npx", ["mocha", "test/native/stress.test.ts"], {
  cwd: ROOT,
  stdio: "inherit",
  env: { ...process.env, ...environmentOf(name, build) },
});
process.exitCode = status ?? 1;
