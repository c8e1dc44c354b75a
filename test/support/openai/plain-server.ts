import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json as readJson } from "node:stream/consumers";

/** A request as it arrived; the strict stand-in knows only OpenAI's own. */
export interface PlainRequest {
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The roles and texts of a request over Chat Completions. */
export function messagesIn(request: PlainRequest | undefined): readonly ChatMessage[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the client sends
  return (request?.body["messages"] ?? []) as readonly ChatMessage[];
}

interface ChatMessage {
  readonly role: string;
  readonly content: string | null;
}

/** About as many tokens as servers count: four characters each. */
export function promptTokensIn(request: PlainRequest | undefined): number {
  return Math.ceil(JSON.stringify([request?.body["messages"], request?.body["tools"]]).length / 4);
}

/** `json` is sent as JSON; a string as the page that it is. */
export interface PlainReply {
  readonly status: number;
  readonly json: unknown;
}

export interface PlainServer extends AsyncDisposable {
  /** Without a path. */
  readonly origin: string;
  readonly requests: readonly PlainRequest[];
}

/** A local server of any provider's form: it answers each request with what the test says, or with "Friday." */
export async function startPlainServer(
  refusalOf: (request: PlainRequest) => PlainReply | undefined,
): Promise<PlainServer> {
  const requests: PlainRequest[] = [];
  const server = createServer((incoming, response) => {
    // A client that is gone in the middle of its request is no fault of a test.
    take(incoming, response).catch((error: unknown) => {
      if (!incoming.destroyed) throw error;
    });
  });
  const take = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client sends objects only
    const body = (await readJson(incoming)) as PlainRequest["body"];
    const request = { path: incoming.url ?? "", headers: incoming.headers, body };
    requests.push(request);
    const refusal = refusalOf(request);
    if (refusal === undefined) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(request.path.includes("/responses") ? responsesAnswer : chatAnswer);
      return;
    }
    const isPage = typeof refusal.json === "string";
    response.writeHead(refusal.status, { "content-type": isPage ? "text/plain" : "application/json" });
    response.end(isPage ? refusal.json : JSON.stringify(refusal.json));
  };
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has no other kind of address
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

const chatAnswer = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "Friday." }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
]
  .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  .concat("data: [DONE]\n\n")
  .join("");

const responsesAnswer = [
  { type: "response.output_text.delta", delta: "Friday." },
  { type: "response.completed", response: { output: [] } },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join("");
