import { createParser } from "eventsource-parser";

import { ModelError } from "../../../ports/model.ts";
import { PassingModelError } from "../failure/failure.ts";
import { asObject } from "../../json.ts";
import { jsonObjectsIn } from "../../json-objects.ts";

/** The JSON of one event, or the mark that no more events come. */
export type Received = { readonly json: unknown } | "done";

/** Far above the size of any real event. */
const maxChars = 20_000_000;
const maxPageChars = 20_000;
const maxTogether = 10_000;

/**
 * The events of a response's body, in order, and in one list what arrived together; no list is empty. A plain JSON body is
 * one event; white space, comments and pings are none. `isAlive` is called for everything that arrives.
 * @throws {ModelError} for any other body, or the connection's error.
 */
export async function* readEvents(
  response: Response,
  isAlive: () => void,
): AsyncGenerator<readonly Received[], undefined> {
  let head = "";
  let read: Reader | undefined;
  for await (const text of textsOf(response)) {
    isAlive();
    head += text;
    if (read === undefined && head.trimStart() === "") continue;
    read ??= readerFor(head, response);
    const received = read.more(head);
    head = "";
    if (received.length > 0) yield received;
  }
  const last = read?.end() ?? [];
  if (last.length > 0) yield last;
}

async function* textsOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const decoder = new TextDecoder();
  for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

interface Reader {
  readonly more: (text: string) => readonly Received[];
  /** @throws {ModelError} for an unreadable body. */
  readonly end: () => readonly Received[];
}

/** Chosen by the first character, because content types are often wrong. */
function readerFor(head: string, response: Response): Reader {
  const first = head.trimStart()[0];
  if (first === "{" || first === "[" || first === '"') return new WholeReader(response);
  return first === "<" ? new PageReader(response) : new EventReader(response);
}

class EventReader implements Reader {
  readonly #response: Response;
  #received: Received[] = [];
  #hasEvents = false;
  readonly #parser = createParser({
    maxBufferSize: maxChars,
    onEvent: ({ event, data }) => {
      this.#hasEvents = true;
      if (event === "error") this.#received.push({ json: asError(data) });
      else if (!pings.has(event)) this.#received.push(...receivedIn(data));
    },
    onComment: () => {
      this.#hasEvents = true;
    },
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded")
        throw new ModelError("rejected", "An event of the stream is too long");
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
    // Some servers omit the empty line after the last event.
    const last = this.more("\n\n");
    if (!this.#hasEvents) throw notAModel(this.#response, "neither a stream nor JSON");
    return last;
  }
}

/** The data of an event named `error`, whatever its form. */
function asError(data: string): unknown {
  const json = parsed(data);
  if (json === undefined) return { error: data };
  return "error" in asObject(json) ? json : { error: json };
}

/** Reads the data of one event: JSON, several JSON values, the end mark, or a word. */
function receivedIn(data: string): readonly Received[] {
  // Some gateways nest an event in an event.
  const text = (data.startsWith("data:") ? data.replace(/^(?:data:\s{0,3}){1,3}/u, "") : data).trim();
  if (text === "") return [];
  if (text === "[DONE]") return ["done"];
  const json = parsed(text);
  // Encoded twice.
  if (typeof json === "string") return receivedIn(json);
  if (json !== undefined) return [{ json }];
  // Events without an empty line between them arrive as one.
  if (text.includes("\n")) return text.split("\n").flatMap(receivedIn);
  const together = eventsTogether(text);
  if (together !== undefined) return together;
  if (/^[{[]/u.test(text)) throw new PassingModelError("cut-off", "An event of the stream is broken JSON");
  return /error|fail|exceed|invalid|denied|unauthori/iu.test(text) ? [{ json: { error: text } }] : [];
}

/** Several objects on one line, perhaps with the end mark. Undefined: something else. */
function eventsTogether(text: string): readonly Received[] | undefined {
  const isOver = text.endsWith("[DONE]");
  const all = isOver ? text.slice(0, -"[DONE]".length) : text;
  const parts = jsonObjectsIn(all, maxTogether);
  const isAll = parts.every(({ from }, index) => all.slice(parts[index - 1]?.to ?? 0, from).trim() === "");
  const events = parts.map(({ from, to }) => parsed(all.slice(from, to)));
  const isWhole = isAll && all.slice(parts.at(-1)?.to).trim() === "" && !events.includes(undefined);
  if (parts.length === 0 || !isWhole) return undefined;
  return [...events.map(asReceived), ...(isOver ? (["done"] as const) : [])];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
    if (this.#chars > maxChars) throw notAModel(this.#response, "JSON that does not end");
    return [];
  }

  end(): readonly Received[] {
    const text = this.#parts.join("");
    const once = parsed(text);
    const json = typeof once === "string" ? parsed(once) : once;
    if (json !== undefined) return [...(Array.isArray(json) ? json : [json]).map(asReceived), "done"];
    // JSON lines.
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const events = lines.map(parsed);
    if (lines.length === 1 || events.includes(undefined))
      throw new PassingModelError("cut-off", "The provider's answer is broken JSON");
    return [...events.map(asReceived), "done"];
  }
}

function asReceived(json: unknown): Received {
  return { json };
}

class PageReader implements Reader {
  readonly #response: Response;
  #text = "";

  constructor(response: Response) {
    this.#response = response;
  }

  more(text: string): readonly Received[] {
    this.#text += text;
    return this.#text.length > maxPageChars ? this.end() : [];
  }

  end(): readonly Received[] {
    const title = /<title[^<>]{0,200}>([^<]{1,200})/iu.exec(this.#text)?.[1];
    const what =
      title === undefined ? "a page" : `the page “${title.replaceAll(/\s+/gu, " ").trim().slice(0, 80)}”`;
    throw notAModel(this.#response, what);
  }
}

/** The address does not lead to a model server. */
function notAModel({ status, headers }: Response, what: string): ModelError {
  const type = /^[\w.+/-]{1,60}/u.exec(headers.get("content-type") ?? "")?.[0] ?? "no content type";
  return new ModelError(
    "not-a-model",
    `The provider answered ${status} (${type}) with ${what}; check OPENAI_BASE_URL`,
  );
}
