import type { ServerResponse } from "node:http";

import { expect, test } from "vitest";

import { ImageSlots } from "../../../src/models/openai/api/image-slots.ts";
import { openClient, type ClientOptions } from "../../../src/models/openai/server/client.ts";
import { startAnsweringServer, type Respond } from "../../support/answering-server.ts";
import { fetch } from "./open-model.ts";

const body = { model: "m", messages: [{ role: "user" as const, content: "née 🧵" }], stream: true as const };
const minute = (): AbortSignal => AbortSignal.timeout(60_000);

/** A client of a server that answers as a test says, and the two ways to open a stream. */
async function openBothWays(respond: Respond, options: Partial<ClientOptions> = {}) {
  const { origin, received } = await startAnsweringServer(respond);
  const baseUrl = `${origin}/v1`;
  const client = openClient({ apiKey: "key", baseUrl, query: {}, fetch, ...options });
  return {
    received,
    cheaply: (signal = minute()) =>
      client.open("/chat/completions", { body, images: new ImageSlots() }, signal),
    byTheClient: (signal = minute()) => client.chat.completions.create(body, { signal }).asResponse(),
  };
}

test.each<readonly [string, Partial<ClientOptions>]>([
  ["a key", {}],
  ["a query", { query: { "api-version": "2026-01 a" } }],
  ["a header for the key", { keyHeader: "api-key" }],
])("a request with %s is the client's own, each time", async (_, options) => {
  const { received, cheaply, byTheClient } = await openBothWays((to) => to.end("data: [DONE]\n\n"), options);
  for (const open of [byTheClient, cheaply, cheaply]) expect(await (await open()).text()).toContain("[DONE]");
  expect(received[1]).toEqual(received[0]);
  expect(received[2]).toEqual(received[0]);
  expect(received[0]).toMatchObject({ headers: { accept: "application/json" }, body: JSON.stringify(body) });
});

test.each<readonly [string, Respond]>([
  ...[400, 401, 402, 403, 404, 409, 422, 429, 500, 503].map(
    (status) =>
      [
        `${status} with JSON`,
        (to: ServerResponse) =>
          to
            .writeHead(status, { "x-request-id": "r1", "retry-after": "7" })
            .end('{"error":{"message":"No.","code":"c","type":"t","param":"p"}}'),
      ] as const,
  ),
  ["500 with a page", (to) => to.writeHead(500).end("<html>Oh no</html>")],
  ["503 without a body", (to) => to.writeHead(503).end()],
  ["400 with a text in quotes", (to) => to.writeHead(400).end('"no"')],
  ["a detail of FastAPI", (to) => to.writeHead(422).end('{"detail":[{"loc":["body"],"msg":"no"}]}')],
  ["a reset", (to) => to.socket?.resetAndDestroy()],
  ["a reset in an error's body", (to) => to.writeHead(500).write("{", () => to.socket?.resetAndDestroy())],
])("what is answered with %s fails as in the client's own way", async (_, respond) => {
  const { cheaply, byTheClient, received } = await openBothWays(respond);
  const [expected, error] = [await failureOf(byTheClient()), await failureOf(cheaply())];
  expect(error).toEqual(expected);
  expect(error).toBeInstanceOf(expected.constructor);
  expect(received).toHaveLength(2);
});

test("a signal ends a request that is not answered", async () => {
  const { cheaply, received } = await openBothWays(() => undefined);
  const abort = new AbortController();
  const failure = failureOf(cheaply(abort.signal));
  await expect.poll(() => received).toHaveLength(1);
  abort.abort(new Error("enough"));
  expect(await failure).toMatchObject({ name: "Error", cause: { message: "enough" } });
});

/** What is told of a failure. Times and connections differ. */
async function failureOf(opening: PromiseLike<Response>): Promise<Error> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail");
}
