import { APIConnectionError, APIError, OpenAI, type ClientOptions } from "openai";

import type { Fetch } from "../../../runtime/fetch/lean-fetch.ts";
import { asObject } from "../../json.ts";
import type { ImageSlots } from "../api/image-slots.ts";

interface StreamRequest {
  readonly body: object;
  readonly images: ImageSlots;
}

/** What all requests to one path have in common. */
interface Prepared {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * OpenAI's client, with a cheaper way to open a stream. Its own methods make an address, headers, a controller and a timer
 * for each request. Here address and headers are made once, and the caller's signal ends what takes too long.
 */
export class StreamingClient extends OpenAI {
  readonly #fetch: Fetch;
  readonly #prepared = new Map<string, Promise<Prepared>>();

  constructor(options: ClientOptions & { readonly fetch: Fetch }) {
    super(options);
    this.#fetch = options.fetch;
  }

  /**
   * Posts to a path that answers with a stream. `images`: those that have a place in the body.
   * @throws {APIError}, as the client's own methods do.
   */
  async open(path: string, { body, images }: StreamRequest, signal: AbortSignal): Promise<Response> {
    const prepared = this.#prepared.get(path) ?? this.#prepare(path);
    this.#prepared.set(path, prepared);
    const { url, headers } = await prepared;
    const filled = images.fill(JSON.stringify(body), signal);
    const sent = typeof filled === "string" ? filled : await filled;
    const request = { method: "POST", headers, body: sent, signal };
    const response = await this.#fetch(url, request).catch(asConnectionError);
    if (response.ok) return response;
    const { status, headers: answered } = response;
    const text = await response.text();
    const json = parsed(text);
    throw APIError.generate(status, asObject(json), json === undefined ? text : undefined, answered);
  }

  async #prepare(path: string): Promise<Prepared> {
    // An empty body stands for any other: all are JSON.
    const { url, req } = await this.buildRequest({ method: "post", path, body: {}, stream: true });
    return { url, headers: Object.fromEntries(req.headers.entries()) };
  }
}

function asConnectionError(error: unknown): never {
  throw new APIConnectionError({ cause: error instanceof Error ? error : undefined });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
