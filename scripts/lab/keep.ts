/** The laboratory left open: a shell in its host, with hands to pull cables and to break paths. */
import { spawn } from "node:child_process";
import { chmodSync, constants, mkdirSync, openSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ended, run } from "../../test/support/processes.ts";
import { drawGroup } from "./drawing.ts";
import { beginProbing, type Stage, setStage } from "./stage.ts";
import type { Terminal } from "./terminal.ts";

const TOOLS = fileURLToPath(new URL("../../dist/cli/", import.meta.url));

/** What the shell can do to a card's cable: commands of the shell and methods of the laboratory. */
const HANDS = ["pull", "plug", "blackhole", "heal"] as const;

const ADVICE = `You are in the host. Try:
  ipmpstat -i                     the interfaces; -g the group, -a the addresses, -t whom probes go to, -p the probes
  pull eth0      plug eth0        take a cable out, put it back
  blackhole eth0 heal eth0        let its path die silently, the link stays up; make it good again
  if_mpadm -d eth0                take a card out of service; -r eth0 brings it back
  client ping 192.0.2.10          from beyond the router; router and peer (on the switch) likewise
  ip addr; ip route; ip nexthop   what the daemon made of it
  log                             what the daemon says, as it says it (Ctrl-C ends)
  cat ipmp.yaml                   the configuration in force; change it, and then: ipmpadm reload
  exit                            or Ctrl-D: everything here vanishes
`;

/** Commands of the shell, as small scripts in one folder of its PATH. */
function helperScripts({ laboratory, daemon }: Stage): Record<string, string> {
  const hand = (verb: string) =>
    `[ $# -eq 1 ] || { echo "usage: ${verb} NIC" >&2; exit 2; }
echo "${verb} $1" >${laboratory.directory}/commands
refusal=$(cat ${laboratory.directory}/answers)
[ -z "$refusal" ] || { echo "$refusal" >&2; exit 1; }`;
  const tool = (name: string) => `exec ${process.execPath} ${join(TOOLS, `${name}.js`)} "$@"`;
  const visit = (namespace: string) => `[ $# -gt 0 ] || set -- bash\nexec ip netns exec ${namespace} "$@"`;
  return {
    ...Object.fromEntries(HANDS.map((verb) => [verb, hand(verb)])),
    client: visit("client"),
    router: visit("router"),
    peer: visit("peer"),
    log: `exec tail -n 50 -f ${daemon.logFile}`,
    ipmpstat: tool("ipmpstat"),
    if_mpadm: tool("if_mpadm"),
    ipmpadm: tool("ipmpadm"),
  };
}

function writeHelpers(stage: Stage): string {
  const folder = join(stage.laboratory.directory, "bin");
  mkdirSync(folder);
  for (const [name, script] of Object.entries(helperScripts(stage))) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Carries out what the shell's `pull` and the like ask for: lines from one pipe, answers into another. */
async function serveHands({ laboratory }: Stage): Promise<void> {
  const [commands, answers] = ["commands", "answers"].map((name) => join(laboratory.directory, name));
  if (commands === undefined || answers === undefined) return;
  await run(["mkfifo", commands, answers]);
  // For reading and writing: else the pipe would end with the first command. Not by a file stream: its waiting read would
  // hold up our own end.
  const input = new Socket({ fd: openSync(commands, constants.O_RDWR | constants.O_NONBLOCK) });
  for await (const line of createInterface({ input })) {
    await writeFile(answers, await obey(line, laboratory));
  }
}

async function obey(line: string, laboratory: Stage["laboratory"]): Promise<string> {
  const [verb, nic = ""] = line.split(" ");
  const hand = HANDS.find((name) => name === verb);
  if (hand === undefined) return `there is no hand for "${verb}"\n`;
  try {
    await laboratory[hand](nic);
    return "";
  } catch (error) {
    return `${(error as Error).message}\n`;
  }
}

/** The shell, beside the configuration file; its end is the end of the laboratory. */
async function openShell({ laboratory, daemon }: Stage, tools: string): Promise<void> {
  const settings = join(laboratory.directory, "bashrc");
  writeFileSync(settings, `PS1='host# '\nPATH=${tools}:$PATH\nexport IPMP_RUNTIME_DIR=${daemon.runtimeDir}\n`);
  const interactive = process.stdin.isTTY === true;
  const words = interactive ? ["bash", "--rcfile", settings, "-i"] : ["bash"];
  const environment = interactive ? process.env : { ...process.env, BASH_ENV: settings };
  const shell = spawn("ip", ["netns", "exec", "host", ...words], {
    cwd: dirname(daemon.configFile),
    stdio: "inherit",
    env: environment,
  });
  await ended(shell);
}

/** Opens the laboratory and returns when the visitor leaves. */
export async function keep(terminal: Terminal): Promise<boolean> {
  const stage = await setStage(terminal);
  await beginProbing(terminal, stage);
  terminal.block(drawGroup(await stage.daemon.snapshot()));
  terminal.line();
  terminal.block(ADVICE);
  terminal.line();
  const tools = writeHelpers(stage);
  void serveHands(stage);
  await openShell(stage, tools);
  terminal.line("\nThe laboratory is gone; nothing is left.");
  return true;
}
