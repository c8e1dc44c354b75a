import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { answerChunks, lastAsked } from "./marks.ts";
import { account } from "./orders.ts";
import { readBody } from "./read-body.ts";
import { summaryOf } from "./summary.ts";

/** What the model was asked since the last `take`. */
interface Asked {
  calls: number;
  questions: number;
  /** Those of the questions that were counted. */
  prompts: number;
  messages: number;
  bytes: number;
}

const nothing: Asked = { calls: 0, questions: 0, prompts: 0, messages: 0, bytes: 0 };
const list = JSON.stringify({ object: "list", data: [{ id: account.model, object: "model" }] });
const usage = { prompt_tokens: 900, completion_tokens: 60, total_tokens: 960 };
/** At the end of our request for a summary. */
const summaryMark = "Write the lines now";
/**
 * Counting reads the whole prompt, so it is done for some only. A prime: conversations that ask in turn, in threads of some
 * length, are all counted.
 */
const countedEvery = 7;

/** Chat Completions, as a stream or whole. It reads no more of a prompt than it has to, so that it costs little. */
export class ModelApi {
  delayMs = 0;
  /** Of an answer. 0: the usual length. */
  chars = 0;
  #asked: Asked = { ...nothing };

  listen(): Server {
    return createServer((request, response) => this.#handle(request, response));
  }

  /** What was asked since the last call. */
  take(): Asked {
    const asked = this.#asked;
    this.#asked = { ...nothing };
    return asked;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "application/json" }).end(list);
      return;
    }
    readBody(request, (body) => {
      const key = body.includes(summaryMark) ? undefined : lastAsked(body);
      this.#count(body, key);
      const answer = (): void =>
        send(response, body, key === undefined ? [summary(body)] : answerChunks(key, this.chars));
      if (this.delayMs === 0) answer();
      else setTimeout(answer, this.delayMs);
    });
  }

  #count(body: string, key: string | undefined): void {
    this.#asked.calls += 1;
    if (key === undefined) return;
    this.#asked.questions += 1;
    if (this.#asked.questions % countedEvery !== 1) return;
    this.#asked.prompts += 1;
    this.#asked.messages += body.match(/"role":\s*"(?:user|assistant)"/gu)?.length ?? 0;
    this.#asked.bytes += Buffer.byteLength(body);
  }
}

function send(response: ServerResponse, body: string, chunks: readonly string[]): void {
  if (!/"stream":\s*true/u.test(body)) {
    const message = { role: "assistant", content: chunks.join("") };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...frame("chat.completion"), choices, usage }));
    return;
  }
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
  });
  // One packet, in which each event is a chunk of its own, as a client reads them from a model that writes fast.
  const { socket } = response;
  socket?.cork();
  for (const content of chunks) response.write(event([{ index: 0, delta: { role: "assistant", content } }]));
  response.write(event([{ index: 0, delta: {}, finish_reason: "stop" }]));
  response.write(event([], usage));
  response.end("data: [DONE]\n\n");
  process.nextTick(() => socket?.uncork());
}

function summary(body: string): string {
  const { messages = [] }: { readonly messages?: readonly { readonly content: string }[] } = JSON.parse(body);
  return summaryOf(messages.at(-1)?.content ?? "");
}

function frame(object: string): object {
  return { id: "chatcmpl-1", object, created: 1_700_000_000, model: account.model };
}

function event(choices: readonly object[], used: object | null = null): string {
  return `data: ${JSON.stringify({ ...frame("chat.completion.chunk"), choices, usage: used })}\n\n`;
}
