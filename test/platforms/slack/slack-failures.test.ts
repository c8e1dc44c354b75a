import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { clientOptions, SlackApi } from "../../../src/platforms/slack/api/slack-api.ts";
import { boltLogger } from "../../../src/platforms/slack/connection/bolt-logger.ts";
import { startAnsweringServer, type Respond } from "../../support/answering-server.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";

/** A client of a server that answers every call as a test says. */
async function openApi(respond: Respond) {
  const { origin, received } = await startAnsweringServer(respond);
  const logger = boltLogger(new RecordingLog());
  const options = clientOptions({ apiUrl: `${origin}/api/`, logger, proxy: undefined });
  const api = new SlackApi("xoxb-token", options, Date.now);
  const post = () =>
    api.call(
      (client) => client.apiCall("chat.postMessage", { channel: "C1", text: "née & co" }),
      AbortSignal.timeout(600_000),
    );
  return { post, bodies: () => received.map(({ body }) => body) };
}

const ok = JSON.stringify({ ok: true, channel: "C1", ts: "1.2" });

function inChunks(response: ServerResponse): void {
  for (let at = 0; at < ok.length; at += 1) response.write(ok.charAt(at));
  response.end();
}

test.each<readonly [string, Respond, object]>([
  [
    "429 with Retry-After",
    (to) => to.writeHead(429, { "retry-after": "30" }).end(),
    { kind: "rate-limited", retryAfterMs: 30_000 },
  ],
  [
    "429 without Retry-After",
    (to) => to.writeHead(429).end("slow down"),
    { kind: "rate-limited", retryAfterMs: 10_000 },
  ],
  [
    "500",
    (to) => to.writeHead(500).end("<html>"),
    { kind: "unreachable", message: "Slack answered with HTTP status 500" },
  ],
  [
    "404",
    (to) => to.writeHead(404).end(),
    { kind: "rejected", message: "Slack answered with HTTP status 404" },
  ],
  [
    "a redirect",
    (to) => to.writeHead(302, { location: "/elsewhere" }).end(),
    { kind: "unreachable", cause: { code: "slack_webapi_request_error" } },
  ],
  [
    "an error of Slack's",
    (to) => to.end('{"ok":false,"error":"is_archived"}'),
    { kind: "gone", closed: "archived" },
  ],
  ["a page", (to) => to.end("<html>Maintenance</html>"), { kind: "unreachable" }],
  [
    "a reset before its headers",
    (to) => to.socket?.resetAndDestroy(),
    { kind: "unreachable", cause: { code: "slack_webapi_request_error" } },
  ],
  [
    "a reset in its body",
    (to) =>
      to.writeHead(200, { "content-length": 500 }).write('{"ok":tr', () => to.socket?.resetAndDestroy()),
    { kind: "unreachable" },
  ],
])("a call that is answered with %s is made once and fails", async (_, respond, failure) => {
  const { post, bodies } = await openApi(respond);
  await expect(post()).rejects.toMatchObject({ name: "PlatformError", ...failure });
  expect(bodies()).toEqual(["channel=C1&text=n%C3%A9e%20%26%20co"]);
});

test.each<readonly [string, Respond]>([
  ["plain", (to) => to.end(ok)],
  ["in chunks", inChunks],
  ["compressed", (to) => to.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(ok))],
])("an answer that comes %s is read", async (_, respond) => {
  const { post } = await openApi(respond);
  expect(await post()).toEqual({ ok: true, channel: "C1", ts: "1.2" });
});

test("a workspace whose calls hang holds up no other", async () => {
  const { origin, received } = await startAnsweringServer((to, { headers }) => {
    if (headers.authorization === "Bearer xoxb-quick") to.end(ok);
  });
  const logger = boltLogger(new RecordingLog());
  const options = clientOptions({ apiUrl: `${origin}/api/`, logger, proxy: undefined });
  const abort = new AbortController();
  const call = async (token: string) =>
    new SlackApi(token, options, Date.now).call(async (client) => client.apiCall("auth.test"), abort.signal);
  const hanging = new SlackApi("xoxb-hanging", options, Date.now);
  const hung = Array.from({ length: 300 }, async () =>
    hanging.call(async (client) => client.apiCall("auth.test"), abort.signal).catch(() => "hung"),
  );
  await expect.poll(() => received.length).toBeGreaterThanOrEqual(100);
  expect(await call("xoxb-quick")).toMatchObject({ ok: true });
  expect(received).toHaveLength(101);
  abort.abort();
  expect(new Set(await Promise.all(hung))).toEqual(new Set(["hung"]));
});
