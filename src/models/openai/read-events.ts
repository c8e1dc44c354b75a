import { createParser } from "eventsource-parser";

import { ModelError } from "../../ports/model.ts";
import { PassingModelError } from "./failure.ts";
import { objectIn } from "../json.ts";

/** What a body carries: one event's JSON, or the mark that no more come. */
export type Received = { readonly json: unknown } | "done";

/** Far beyond any event of an answer. */
const mostChars = 20_000_000;
const mostPageChars = 20_000;

/**
 * The events of a response's body, in order. A body that is JSON and no stream is one event; white space, comments and
 * pings are none. `isAlive` is called for all that comes. @throws {ModelError} for a body that is something else, and
 * whatever breaks the connection.
 */
export async function* readEvents(response: Response, isAlive: () => void): AsyncGenerator<Received> {
  let head: string | undefined = "";
  let read: Reader | undefined;
  for await (const text of textsOf(response)) {
    isAlive();
    if (head === undefined) {
      yield* read?.more(text) ?? [];
      continue;
    }
    head += text;
    if (head.trimStart() === "") continue;
    read = readerFor(head, response);
    yield* read.more(head);
    head = undefined;
  }
  yield* read?.end() ?? [];
}

async function* textsOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

interface Reader {
  readonly more: (text: string) => readonly Received[];
  /** @throws {ModelError} when it was nothing that can be read. */
  readonly end: () => readonly Received[];
}

/** Headers are often wrong about it; how the body begins is not. */
function readerFor(head: string, response: Response): Reader {
  const first = head.trimStart()[0];
  if (first === "{" || first === "[") return new WholeReader(response);
  return first === "<" ? new PageReader(response) : new EventReader(response);
}

class EventReader implements Reader {
  readonly #response: Response;
  #received: Received[] = [];
  #hasEvents = false;
  readonly #parser = createParser({
    maxBufferSize: mostChars,
    onEvent: ({ event, data }) => {
      this.#hasEvents = true;
      if (data.trim() === "[DONE]") this.#received.push("done");
      else if (event === "error") this.#received.push({ json: asError(data) });
      else if (data.trim() !== "" && !pings.has(event)) this.#received.push({ json: JSON.parse(data) });
    },
    onComment: () => {
      this.#hasEvents = true;
    },
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw new ModelError("rejected", "An event is far too long");
    },
  });

  constructor(response: Response) {
    this.#response = response;
  }

  more(text: string): readonly Received[] {
    this.#received = [];
    this.#parser.feed(text);
    return this.#received;
  }

  end(): readonly Received[] {
    // Some servers leave out the empty line after the last event.
    const last = this.more("\n\n");
    if (!this.#hasEvents) throw notAModel(this.#response, "neither a stream nor JSON");
    return last;
  }
}

/** The event's name says that it is one, whatever its data look like. */
function asError(data: string): unknown {
  try {
    const json: unknown = JSON.parse(data);
    return "error" in objectIn(json) ? json : { error: json };
  } catch {
    return { error: data };
  }
}

const pings: ReadonlySet<string | undefined> = new Set(["ping", "heartbeat", "keepalive", "keep-alive"]);

class WholeReader implements Reader {
  readonly #response: Response;
  readonly #parts: string[] = [];
  #chars = 0;

  constructor(response: Response) {
    this.#response = response;
  }

  more(text: string): readonly Received[] {
    this.#parts.push(text);
    this.#chars += text.length;
    if (this.#chars > mostChars) throw notAModel(this.#response, "JSON without end");
    return [];
  }

  end(): readonly Received[] {
    try {
      const json: unknown = JSON.parse(this.#parts.join(""));
      return [{ json: Array.isArray(json) ? json[0] : json }, "done"];
    } catch {
      throw new PassingModelError("cut-off", "The provider's answer is broken JSON");
    }
  }
}

class PageReader implements Reader {
  readonly #response: Response;
  #text = "";

  constructor(response: Response) {
    this.#response = response;
  }

  more(text: string): readonly Received[] {
    this.#text += text;
    return this.#text.length > mostPageChars ? this.end() : [];
  }

  end(): readonly Received[] {
    const title = /<title[^<>]{0,200}>([^<]{1,200})/iu.exec(this.#text)?.[1];
    const what =
      title === undefined ? "a page" : `the page “${title.replaceAll(/\s+/gu, " ").trim().slice(0, 80)}”`;
    throw notAModel(this.#response, what);
  }
}

/** The address leads to something that is no model's server. */
function notAModel({ status, headers }: Response, what: string): ModelError {
  const type = /^[\w.+/-]{1,60}/u.exec(headers.get("content-type") ?? "")?.[0] ?? "no content type";
  return new ModelError(
    "not-a-model",
    `The provider answered ${status} (${type}) with ${what}; check OPENAI_BASE_URL`,
  );
}
