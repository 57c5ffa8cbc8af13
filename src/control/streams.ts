/**
 * The clients that follow one kind of stream. What a client has not read yet waits in its socket's buffer, up to a limit; a
 * client beyond it is cut off and counted. It can connect again, and then starts anew.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

export class EventStreams<Event extends { readonly type: string }> {
  readonly #clients = new Set<ServerResponse>();
  /** Those among them that have not had their first event yet. */
  readonly #ungreeted = new Set<ServerResponse>();
  readonly #bufferBytes: number;
  readonly #sizeChanged: (size: number) => void;
  #dropped = 0;
  #lastId = 0;

  /** @param sizeChanged is told when clients have come or gone */
  constructor(bufferBytes: number, sizeChanged: (size: number) => void = () => undefined) {
    this.#bufferBytes = bufferBytes;
    this.#sizeChanged = sizeChanged;
  }

  /** Clients that follow at the moment. */
  get size(): number {
    return this.#clients.size;
  }

  /** Clients cut off since the start because they read too slowly. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * From now on `response` gets every event, until its connection closes; from its greeting on, if one is to come. Its headers
   * must have been written.
   */
  add(response: ServerResponse, connection: Socket, toBeGreeted = false): void {
    // Its "close" will not come any more.
    if (connection.destroyed) return;
    this.#clients.add(response);
    if (toBeGreeted) this.#ungreeted.add(response);
    // Not the response's own "close": one that waits behind another on its connection never gets to emit it.
    connection.once("close", () => this.#forget(response));
    this.#sizeChanged(this.size);
  }

  publish(event: Event): void {
    if (this.#clients.size === 0) return;
    this.#lastId += 1;
    const chunk = encode(event, this.#lastId);
    for (const client of [...this.#clients]) if (!this.#ungreeted.has(client)) this.#send(client, chunk);
  }

  /** Gives one client its first event, which does not count as published. */
  greet(client: ServerResponse, event: Event): void {
    this.#ungreeted.delete(client);
    if (this.#clients.has(client)) this.#send(client, encode(event, this.#lastId));
  }

  /** Cuts all off, as clients that read too slowly are. */
  dropAll(): void {
    for (const client of [...this.#clients]) this.#drop(client);
  }

  close(): void {
    for (const client of this.#clients) client.end();
    this.#clients.clear();
    this.#ungreeted.clear();
    this.#sizeChanged(this.size);
  }

  #send(client: ServerResponse, chunk: Buffer): void {
    // A client that has read everything may take a chunk of any size: a large snapshot must not shut it out.
    const waiting = client.writableLength;
    if (waiting > 0 && waiting + chunk.length > this.#bufferBytes) {
      this.#drop(client);
      return;
    }
    client.write(chunk);
  }

  #drop(client: ServerResponse): void {
    this.#dropped += 1;
    this.#forget(client);
    client.destroy();
  }

  #forget(client: ServerResponse): void {
    this.#ungreeted.delete(client);
    if (this.#clients.delete(client)) this.#sizeChanged(this.size);
  }
}

function encode(event: { readonly type: string }, id: number): Buffer {
  return Buffer.from(`id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
