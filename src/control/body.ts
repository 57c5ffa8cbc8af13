/** Bodies of requests: read up to a limit, never believed. */
import type { IncomingMessage } from "node:http";
import { type Answer, errorAnswer } from "./answers.ts";

/** What is thrown away before an answer; a client that sends more than this while it is refused loses the answer. */
const MOST_DISCARDED_BYTES = 8 * 1024 * 1024;

/** The body can not be taken; `answer` says why. */
export class BodyRefused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super("The body of the request can not be taken");
    this.answer = answer;
  }
}

export function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) !== 0;
}

/** The whole body as text. Throws BodyRefused; any other error means that the client has gone. */
export async function readBody(request: IncomingMessage, longestBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= longestBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (length > longestBytes + MOST_DISCARDED_BYTES) break;
  }
  if (length > longestBytes) throw new BodyRefused(tooLarge(longestBytes));
  return decode(Buffer.concat(chunks));
}

/** Reads a body that nobody wants: a client that is still sending when we hang up could not read why. */
export async function discardBody(request: IncomingMessage): Promise<void> {
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_DISCARDED_BYTES) return;
  }
}

function tooLarge(longestBytes: number): Answer {
  const detail = `At most ${longestBytes} bytes are taken here.`;
  return errorAnswer(413, "BODY_TOO_LARGE", "The body of the request is too large.", detail);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BodyRefused(errorAnswer(400, "INVALID_ARGUMENT", "The body is not UTF-8 text.", "Send it as UTF-8."));
  }
}
