import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json as readJson } from "node:stream/consumers";

import { ZodError } from "zod";

import { ChatDialect } from "./chat-dialect.ts";
import { echo } from "./echo.ts";
import { MediaServer, mediaPaths, type MediaRoutes } from "./media-server.ts";
import { readChatRequest, readResponsesRequest, type ModelRequest } from "./model-request.ts";
import { play } from "./play.ts";
import { ResponsesDialect } from "./responses-dialect.ts";
import { answersError, type ErrorScript, type Script, type StreamScript } from "./script.ts";
import { sendError, sendFault } from "./send-error.ts";
import { StreamWriter } from "./stream-writer.ts";
import { faultOfRequest } from "./tool-rules.ts";
import { UsageMeter } from "./usage.ts";

type Respond = (request: ModelRequest) => Script | Promise<Script>;

export interface StandInOptions {
  /** Missing: every request is answered by `echo`. */
  readonly respond?: Respond;
  /** Other models are unknown. */
  readonly models?: readonly string[];
  /** 0, or missing: any free one. */
  readonly port?: number;
}

/** A local server that speaks the part of OpenAI's API that the bot uses, strictly. */
export interface OpenAiStandIn extends AsyncDisposable, MediaRoutes {
  /** Ends in /v1. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Requests with a good key and body, in the order of arrival, whatever became of them. */
  readonly requests: readonly ModelRequest[];
  /** What the server refused: a wrong key, path or body. A test of good behaviour ends with none. */
  readonly refusals: readonly string[];
  /** Requests whose answer has not ended. */
  readonly underWay: () => number;
  /** Connections that were ever made. */
  readonly connections: () => number;
  /** From now on. */
  readonly answerWith: (respond: Respond) => void;
}

const apiKey = "test-openai-key";

export async function startOpenAiStandIn(options: StandInOptions = {}): Promise<OpenAiStandIn> {
  const standIn = new StandIn(options);
  const server = createServer((request, response) => {
    void standIn.take(request, response);
  });
  server.keepAliveTimeout = 30_000;
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(options.port ?? 0, "127.0.0.1", resolve);
  await promise;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey,
    requests: standIn.requests,
    refusals: standIn.refusals,
    ...standIn.media.routes,
    underWay: () => standIn.underWay,
    connections: () => connections,
    answerWith: (respond) => {
      standIn.respond = respond;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

class StandIn {
  readonly requests: ModelRequest[] = [];
  readonly refusals: string[] = [];
  readonly media = new MediaServer(apiKey);
  readonly #models: readonly string[];
  readonly #meter = new UsageMeter();
  respond: Respond;
  underWay = 0;

  constructor(options: StandInOptions) {
    this.respond = options.respond ?? echo;
    this.#models = options.models ?? ["gpt-6-luna"];
  }

  async take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.underWay += 1;
    response.once("close", () => {
      this.underWay -= 1;
    });
    response.setHeader("x-request-id", `req_${this.requests.length + 1}`);
    try {
      if (incoming.method === "GET" && incoming.url === "/v1/models") return this.#list(incoming, response);
      if (mediaPaths.has(incoming.url ?? "")) {
        const fault = await this.media.take(incoming, response);
        return fault === undefined ? undefined : this.#refuse(response, fault);
      }
      const request = await this.#read(incoming);
      if ("kind" in request) return this.#refuse(response, request);
      this.requests.push(request);
      await this.#perform(await this.respond(request), request, response);
    } catch (error) {
      this.refusals.push(`500 ${String(error)}`);
      if (response.headersSent) response.destroy();
      else sendError(response, answersError(500, null, { message: String(error) }));
    }
  }

  #refuse(response: ServerResponse, script: ErrorScript): void {
    this.refusals.push(`${script.status} ${script.message}`);
    sendError(response, script);
  }

  /** Free of cost, and no request in the sense of `requests`. */
  #list({ headers }: IncomingMessage, response: ServerResponse): void {
    if (headers.authorization !== `Bearer ${apiKey}`)
      return sendError(response, answersError(401, "invalid_api_key", { message: "Incorrect API key" }));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ object: "list", data: this.#models.map((id) => ({ id, object: "model" })) }),
    );
  }

  async #read(incoming: IncomingMessage): Promise<ModelRequest | ErrorScript> {
    const atMs = Date.now();
    const { headers } = incoming;
    if (headers.authorization !== `Bearer ${apiKey}`) {
      return answersError(401, "invalid_api_key", {
        message: `Incorrect API key provided: ${headers.authorization ?? "none"}`,
      });
    }
    const read = readers.get(`${incoming.method} ${incoming.url}`);
    if (read === undefined) return answersError(404, null, { message: `Unknown URL ${incoming.url}` });
    try {
      const request = read({ json: await readJson(incoming), headers, atMs });
      if (this.#models.includes(request.body.model)) return faultOfRequest(request) ?? request;
      return answersError(404, "model_not_found", {
        message: `The model ${request.body.model} does not exist`,
      });
    } catch (error) {
      if (!(error instanceof ZodError) && !(error instanceof SyntaxError)) throw error;
      return answersError(400, "invalid_request", { message: error.message });
    }
  }

  async #perform(script: Script, request: ModelRequest, response: ServerResponse): Promise<void> {
    if (script.kind === "stream") await this.#stream(script, request, response);
    else sendFault(response, script);
  }

  async #stream(script: StreamScript, request: ModelRequest, response: ServerResponse): Promise<void> {
    const id = this.requests.length;
    const usage = (): NonNullable<StreamScript["usage"]> =>
      script.usage ?? this.#meter.measure(request, replyOf(script));
    const dialect =
      request.api === "chat" ? new ChatDialect(request, id, usage) : new ResponsesDialect(request, id, usage);
    await play(script, dialect, new StreamWriter(response));
  }
}

const readers = new Map([
  ["POST /v1/responses", readResponsesRequest],
  ["POST /v1/chat/completions", readChatRequest],
]);

function replyOf({ steps }: StreamScript): string {
  return steps
    .map((step) => {
      if ("say" in step) return step.say;
      return "call" in step ? step.call.name + step.call.argument : "";
    })
    .join("");
}
