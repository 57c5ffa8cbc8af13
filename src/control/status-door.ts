/** status.sock in a thread of its own. */
import type { MessagePort } from "node:worker_threads";
import { Door } from "./door.ts";
import { ControlError } from "./errors.ts";
import type { FromStatus, StatusNews, StatusOptions, ToStatus } from "./status-protocol.ts";
import { StatusSource } from "./status-source.ts";

/** Serves until the thread is ended. */
export async function serveStatus(
  port: MessagePort,
  { path, limits }: StatusOptions,
  peerUser: (descriptor: number) => number,
): Promise<void> {
  const say = (message: FromStatus): void => port.postMessage(message);
  const answers = new StatusSource(say);
  let door: Door | undefined;
  port.on("message", (message: ToStatus) => {
    say({ type: "taken" });
    for (const news of message.news) take(news);
  });
  const take = (news: StatusNews): void => {
    if (news.type === "event") door?.publish(news.event);
    else if (news.type === "gap") door?.dropFollowers();
    else answers.take(news);
  };
  try {
    door = await Door.open({
      path,
      limits,
      peerUser,
      access: { mode: 0o666 },
      mayChange: false,
      source: answers.source,
      audience: (kind, anybody) => say({ type: "audience", kind, anybody }),
    });
    say({ type: "listening", inode: door.inode });
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    say({ type: "refused", code: error.code, text: error.message });
    port.close();
  }
}
