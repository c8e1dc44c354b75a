import { gzipSync } from "node:zlib";

import { WebClient } from "@slack/web-api";
import { expect, test } from "vitest";

import { MethodCalls } from "../../../src/platforms/slack/api/method-calls.ts";
import { clientOptions } from "../../../src/platforms/slack/api/slack-api.ts";
import { boltLogger } from "../../../src/platforms/slack/connection/bolt-logger.ts";
import { startAnsweringServer, type Respond } from "../../support/answering-server.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";

type Facts = Readonly<Record<string, unknown>> & { readonly data: object };

const args = {
  channel: "C1",
  text: "née & *co* 🧵 (it's = ~!) +%",
  blocks: [{ type: "markdown", text: "née\n🧵" }],
  metadata: { event_type: "e", event_payload: { part: 0 } },
  limit: 200,
  unfurl_links: false,
  cursor: undefined,
  team_id: null,
};

/** The two ways to call a method of a server that answers as a test says. */
async function callBothWays(respond: Respond) {
  const { origin, received } = await startAnsweringServer(respond);
  const apiUrl = `${origin}/api/`;
  const log = new RecordingLog();
  const shared = clientOptions({ apiUrl, logger: boltLogger(log), proxy: undefined });
  const options = { ...shared, fetch: shared.openFetch() };
  const client = new WebClient("xoxb-token", { ...options });
  const calls = new MethodCalls({ ...options, apiUrl, token: "xoxb-token" });
  return {
    received,
    log,
    calls,
    cheaply: () => calls.call("chat.postMessage", args),
    byTheClient: () => client.apiCall("chat.postMessage", { ...args }),
  };
}

test("a request is that of WebClient, but for its name", async () => {
  const { received, cheaply, byTheClient } = await callBothWays((to) => to.end('{"ok":true}'));
  await byTheClient();
  await cheaply();
  const [expected, sent] = received;
  expect(sent).toEqual({
    ...expected,
    headers: { ...expected?.headers, "user-agent": "Threadkeeper" },
  });
  expect(sent?.headers.authorization).toBe("Bearer xoxb-token");
  expect(Object.fromEntries(new URLSearchParams(sent?.body))).toMatchObject({ text: args.text });
});

test("half of a surrogate pair doesn't fail a call", async () => {
  const { received, calls } = await callBothWays((to) => to.end('{"ok":true}'));
  await calls.call("chat.postMessage", { text: "cut \ud83e", blocks: [{ text: "\uddf5 cut" }] });
  const { text, blocks } = Object.fromEntries(new URLSearchParams(received[0]?.body));
  expect({ text, blocks }).toEqual({ text: "cut \ufffd", blocks: '[{"text":"\\uddf5 cut"}]' });
});

test.each<readonly [string, Respond]>([
  ["plain", (to) => to.end('{"ok":true,"ts":"1.2","response_metadata":{"next_cursor":"n"}}')],
  ["compressed", (to) => to.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync('{"ok":true}'))],
])("an answer that comes %s is that of WebClient", async (_, respond) => {
  const { cheaply, byTheClient } = await callBothWays(respond);
  expect({ response_metadata: {}, ...(await cheaply()) }).toEqual(await byTheClient());
});

test.each<readonly [string, Respond]>([
  ["an error", (to) => to.end('{"ok":false,"error":"not_in_channel","needed":"chat:write"}')],
  ["an error without a name", (to) => to.end('{"ok":false}')],
  ["a page", (to) => to.end("<html>Maintenance</html>")],
  ["429 with Retry-After", (to) => to.writeHead(429, { "retry-after": "30" }).end()],
  ["500", (to) => to.writeHead(500, { "x-one": "1" }).end("<html>")],
  ["404 without a body", (to) => to.writeHead(404).end()],
  ["201", (to) => to.writeHead(201).end('{"ok":true}')],
  ["a redirect", (to) => to.writeHead(302, { location: "/elsewhere" }).end()],
  ["a reset", (to) => to.socket?.resetAndDestroy()],
])("what is answered with %s fails as in WebClient", async (_, respond) => {
  const { received, cheaply, byTheClient } = await callBothWays((to) =>
    respond(to.setHeader("date", "Fri, 27 Nov 2026 12:00:00 GMT")),
  );
  const [expected, error] = [await failureOf(byTheClient()), await failureOf(cheaply())];
  expect(shown(error)).toEqual(shown(expected));
  expect(error).toBeInstanceOf(expected.constructor);
  expect(received).toHaveLength(2);
});

test.each(["", "soon", "Wed, 21 Oct 2199 07:28:00 GMT"])(
  "429 with the Retry-After %j is an error with its headers",
  async (retryAfter) => {
    const { cheaply } = await callBothWays((to) => to.writeHead(429, { "retry-after": retryAfter }).end());
    expect(await failureOf(cheaply())).toMatchObject({
      code: "slack_webapi_http_error",
      statusCode: 429,
      headers: { "retry-after": retryAfter },
    });
  },
);

test("what Slack says about a call is logged up to what it quotes, and never fails the call", async () => {
  const metadata = { warnings: ["missing_charset"], messages: ['[WARN] odd: "secret"'] };
  const answers = [metadata, { warnings: null, messages: "none" }, null];
  const { cheaply, log } = await callBothWays((to) =>
    to.end(JSON.stringify({ ok: true, response_metadata: answers.shift() })),
  );
  for (let calls = 0; calls < 3; calls += 1) expect(await cheaply()).toMatchObject({ ok: true });
  expect(log.lines.map(({ facts }) => facts)).toEqual([
    { line: "missing_charset" },
    { line: "[WARN] odd: " },
  ]);
});

async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail");
}

/** Without what the queue of WebClient and its copies of headers add, and nothing of ours reads. */
function shown({ name, message, cause, ...own }: Error): object {
  const { attemptNumber: _tries, retriesLeft: _left, data, ...facts } = { data: {}, ...own } as Facts;
  return { name, message, cause, ...facts, data: { response_metadata: {}, ...data } };
}
