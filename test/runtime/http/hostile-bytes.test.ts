import { readdirSync, readlinkSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { startBot, type BotProcess } from "../../support/bot-process.ts";
import { call, callAll, rawRequest, type MessageToSummarize } from "../../support/raw-caller.ts";
import { startSlackStandIn, type SlackStandIn } from "../../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const token = "correct-horse-battery";
const everyPath = [
  "/",
  "/chat",
  "/healthz",
  "/readyz",
  "/sign-in",
  "/sign-out",
  "/assets/app.js",
  "/slack/events",
  "/nowhere",
];
const base = ["Host: 127.0.0.1", "Content-Length: 3"];
const upgrade = [
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];
const high = "\u00E9".repeat(43);
const hostileHeaders = [
  `Cookie: threadkeeper=${high}.${high}.${high}`,
  `Cookie: threadkeeper=ada.${"x".repeat(43)}.${high}`,
  `Cookie: __Host-threadkeeper=${high}.${high}.${high}`,
  `Cookie: ${"threadkeeper=a.b.c; ".repeat(400)}`,
  `Cookie: =;=; ;;threadkeeper`,
  `Authorization: Bearer ${high}`,
  `Authorization: Bearer ${token}`,
  "Authorization: Basic Og==",
  "Origin: http://[",
  "Origin: null",
  `Origin: ${high}`,
  "X-Forwarded-For: ,,,%, ::ffff:, 999.1.1.1",
  `X-Forwarded-For: ${"1.2.3.4,".repeat(1_000)}`,
  "X-Forwarded-Proto: https, http",
  'Forwarded: for="[::";;;=',
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked, chunked",
  "Expect: 100-continue",
  "Expect: the unexpected",
  "Upgrade: h2c",
  "Upgrade: websocket, h2c",
  `Upgrade: ${high}`,
  "Sec-WebSocket-Version: 999",
  "Sec-WebSocket-Key: short",
  `Sec-WebSocket-Protocol: ,,${high}`,
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits="99"; =',
  "X-Slack-Request-Timestamp: 1e999",
  `X-Slack-Request-Timestamp: ${Math.floor(Date.now() / 1_000)}`,
  `X-Slack-Signature: v0=${high}`,
  "Content-Type: multipart/form-data; boundary=",
  "Content-Encoding: gzip",
  `If-None-Match: ${high}`,
  "Range: bytes=9-1",
  "Sec-Fetch-Site: \u00FF",
  `X-Long: ${"x".repeat(20_000)}`,
  "No colon",
  "Nul: a\0b",
  " Folded: x",
];
const oddLines = [
  "CONNECT 127.0.0.1:1",
  "CONNECT /chat",
  "OPTIONS *",
  "TRACE /",
  "HEAD /chat",
  "PRI *",
  "GET //",
  "GET /%",
  "GET /chat#x?y",
  "GET /assets/../../etc/passwd",
  "GET /assets/__proto__",
  "GET http://[/chat",
  "GET http://elsewhere.example/chat",
  `GET /${"a".repeat(9_000)}`,
  `GET /${high}`,
  "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03",
];

let slack: SlackStandIn;
let bot: BotProcess;
let port: number;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  slack = opened.use(await startSlackStandIn());
  bot = opened.use(
    await startBot({
      DATA_DIR: opened.use(temporaryFolder()).path,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      WEB_TOKEN: token,
    }),
  );
  port = Number(new URL(bot.url).port);
});
afterAll(() => opened.disposeAsync());

function openSockets(): number {
  const folder = `/proc/${bot.pid}/fd`;
  return readdirSync(folder).filter((name) => linkOf(`${folder}/${name}`).startsWith("socket:")).length;
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // Closed in between.
    return "";
  }
}

/** Makes the calls, and tells what is left of the program after them. */
async function outcomeOf(calls: readonly (() => Promise<string>)[]): Promise<object> {
  const before = openSockets();
  await callAll(calls);
  const health = await call(port, rawRequest("GET /healthz", ["Host: x", "Connection: close"]));
  await expect.poll(openSockets, { timeout: 60_000 }).toBeLessThanOrEqual(before);
  const faults = bot.log.filter(({ level }) => level === "fatal" || level === "error");
  return { isHealthy: health.startsWith("HTTP/1.1 200"), faults };
}

const unharmed = { isHealthy: true, faults: [] };
const whole = (bytes: string, messagesToSummarize: MessageToSummarize) => () =>
  call(port, bytes, messagesToSummarize);

test("no hostile header ends the program or keeps a descriptor, on any path, plain or as an upgrade", async () => {
  const calls = everyPath.flatMap((path) =>
    hostileHeaders.flatMap((header) => [
      whole(rawRequest(`POST ${path}`, [...base, header], "a=b"), "end"),
      whole(rawRequest(`GET ${path}`, [...upgrade, header]), "end"),
      whole(rawRequest(`GET ${path}`, [header, ...upgrade]), "reset"),
    ]),
  );
  expect(await outcomeOf(calls)).toEqual(unharmed);
});

test("a caller who hangs up at any byte leaves nothing behind, on any path, plain or as an upgrade", async () => {
  const calls = everyPath.flatMap((path) =>
    [
      rawRequest(`POST ${path}`, base, "a=b"),
      rawRequest(`GET ${path}`, upgrade),
      rawRequest(`GET ${path}`, [...upgrade, `Authorization: Bearer ${token}`], "\x81\x85abcdhello"),
    ].flatMap((bytes) =>
      Array.from({ length: bytes.length }, (_, length) =>
        whole(bytes.slice(0, length + 1), length % 3 === 0 ? "end" : "reset"),
      ),
    ),
  );
  expect(await outcomeOf(calls)).toEqual(unharmed);
});

test("no odd request line ends the program", async () => {
  const calls = oddLines.flatMap((line) => [
    whole(rawRequest(line, upgrade), "end"),
    whole(rawRequest(line, base, "a=b"), "reset"),
  ]);
  expect(await outcomeOf(calls)).toEqual(unharmed);
});

test("an upgrade to any path but /chat is answered with 404 before it is an upgrade", async () => {
  const paths = everyPath.filter((path) => path !== "/chat");
  const answers = await callAll(paths.map((path) => whole(rawRequest(`GET ${path}`, upgrade), "end")));
  expect(answers.map((answer) => answer.split("\r\n", 1)[0])).toEqual(
    paths.map(() => "HTTP/1.1 404 Not Found"),
  );
});

test("an upgrade to another protocol is answered as a plain request", async () => {
  const headers = ["Host: x", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMA"];
  expect(await call(port, rawRequest("GET /healthz", headers), "end")).toContain("200 OK");
});

test("the connection of a refused caller who never hangs up is closed", async () => {
  const upgrades = everyPath.map((path) => rawRequest(`GET ${path}`, upgrade));
  const calls = upgrades.flatMap((bytes) => Array.from({ length: 25 }, () => whole(bytes, "stay")));
  // Each of them keeps its own half of the connection open.
  expect(await outcomeOf(calls)).toEqual(unharmed);
});
