import { setImmediate } from "node:timers/promises";

import { APIError } from "openai";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { ModelError } from "../../../ports/model.ts";
import type { Fetch } from "../../../runtime/fetch/lean-fetch.ts";
import { asObject } from "../../json.ts";
import { asModelError } from "../failure/failure.ts";
import { providerWordsFor } from "../failure/provider-words.ts";
import { presets } from "../presets/all-presets.ts";
import type { Preset } from "../presets/preset.ts";
import { Retries } from "../request/retries.ts";
import { openClient } from "../server/client.ts";
import { RouteMemory } from "../server/route-memory.ts";
import { presetOf, routesTo, type Address } from "../server/routes.ts";
import type { StreamingClient } from "../server/streaming-client.ts";

export interface MediaOptions extends Address {
  readonly apiKey: string;
  readonly model: string;
  /** For all tries of one call, with the waits between them. */
  readonly deadlineMs: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Sends the requests. */
  readonly fetch: Fetch;
}

/** One call whose answer comes as a whole, as JSON. */
interface MediaCall {
  readonly send: (client: StreamingClient, signal: AbortSignal) => { asResponse: () => Promise<Response> };
  /** The person's words in the request. They are kept out of the log. */
  readonly said: string;
  readonly maxAnswerBytes: number;
  /** Changes the request after a refusal. False: that does not help. */
  readonly adapt?: (refusal: APIError) => boolean;
  /** Whether sending it again can do no harm. Missing: it never does. */
  readonly mayRepeat?: (error: unknown) => boolean;
}

type Fields = Readonly<Record<string, unknown>>;

interface MediaRoute {
  readonly baseUrl: string;
  readonly client: StreamingClient;
}

/** How often a request is changed after a refusal. */
const maxChanges = 3;

/** Calls the parts of OpenAI's API that answer with one JSON object. @throws {TypeError} for a key that can't be a header. */
export class MediaClient {
  readonly #options: MediaOptions;
  readonly #routes: RouteMemory<MediaRoute>;

  constructor(options: MediaOptions) {
    this.#options = options;
    this.#routes = new RouteMemory(routesOf(options), options.log);
  }

  /** @throws {ModelError}, or the signal's reason. */
  async call(call: MediaCall, signal: AbortSignal): Promise<Fields> {
    const { log, model, deadlineMs } = this.#options;
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      return await this.#callInTime(call, AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      const failure = deadline.aborted
        ? new ModelError("stalled", `The provider did not answer within ${Math.round(deadlineMs / 1_000)} s`)
        : asModelError(error);
      const prompt = { messages: [{ role: "person" as const, content: call.said }] };
      const says = providerWordsFor(failure, { prompt, model });
      if (says !== undefined)
        log.warn({ kind: failure.kind, says }, "the provider gave a reason for its refusal");
      throw failure;
    }
  }

  async #callInTime(call: MediaCall, signal: AbortSignal): Promise<Fields> {
    const retries = new Retries(this.#options);
    const routes = this.#routes.forAnswer();
    let changes = 0;
    for (;;) {
      try {
        const response = await call.send(routes.current.client, signal).asResponse();
        routes.saveWorking();
        return await jsonIn(response, call.maxAnswerBytes);
      } catch (error) {
        signal.throwIfAborted();
        const failure = asModelError(error);
        if (routes.nextAfter(failure)) continue;
        if (error instanceof APIError && changes < maxChanges && call.adapt?.(error) === true) {
          changes += 1;
          continue;
        }
        if (call.mayRepeat?.(error) === false) throw failure;
        await retries.waitAfter(failure, signal);
      }
    }
  }
}

/** The same addresses as those of the chat APIs, each once. */
function routesOf(options: MediaOptions): readonly MediaRoute[] {
  const { apiKey, fetch, model } = options;
  const name = presetOf(options);
  const { keyHeader }: Preset = name === undefined ? {} : presets[name];
  const bases = new Map(routesTo(options).map(({ baseUrl, query }) => [baseUrl, query]));
  return Array.from(bases, ([chatUrl, query]) => {
    // Azure's older addresses name the deployment of the model.
    const baseUrl = chatUrl.replace(/(?<=\/deployments\/)[^/]+$/u, encodeURIComponent(model));
    return { baseUrl, client: openClient({ apiKey, baseUrl, query, keyHeader, fetch }) };
  });
}

/** Large answers are read in steps, between which others have their turn. */
async function jsonIn({ body }: Response, maxBytes: number): Promise<Fields> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw new ModelError("rejected", "The provider's answer is too large");
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString("utf8");
  await setImmediate();
  try {
    return asObject(JSON.parse(text));
  } catch {
    throw new ModelError("rejected", "The provider's answer is not JSON");
  }
}
