import type { IncomingHttpHeaders } from "node:http";

import { decoded, type Body } from "./decoded.ts";

export interface AnswerHead {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
}

type HeaderEntry = [name: string, value: string];

/** The part of `Headers` that is read of an answer. */
export class LeanHeaders implements Iterable<HeaderEntry> {
  readonly #fields: IncomingHttpHeaders;

  constructor(fields: IncomingHttpHeaders) {
    this.#fields = fields;
  }

  get(name: string): string | null {
    const lower = name.toLowerCase();
    return Object.hasOwn(this.#fields, lower) ? joined(this.#fields[lower]) : null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  *entries(): Generator<HeaderEntry, undefined> {
    for (const [name, value] of Object.entries(this.#fields)) yield [name, joined(value)];
  }

  [Symbol.iterator](): Generator<HeaderEntry, undefined> {
    return this.entries();
  }
}

/** The part of `Response` that is read of an answer: without web streams, which cost more than the whole request. */
export class LeanResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: LeanHeaders;
  readonly body: Body;

  constructor({ url, status, statusText, headers }: AnswerHead, body: Body) {
    this.url = url;
    this.status = status;
    this.statusText = statusText;
    this.headers = new LeanHeaders(headers);
    this.body = decoded(body, this.headers.get("content-encoding") ?? "");
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(await this.#bytes()).buffer;
  }

  async #bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.body) parts.push(part);
    const [first = new Uint8Array(), second] = parts;
    return second === undefined ? first : Buffer.concat(parts);
  }
}

function joined(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : (value ?? []).join(", ");
}
