import { describe, expect, test } from "vitest";

import { call, rawRequest } from "../../support/raw-caller.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { signatureOf } from "../../support/slack/slack-http-transport.ts";

interface Forged {
  readonly contentType?: string;
  readonly secondsAway?: number;
  readonly signature?: string;
  readonly method?: string;
}

/** A request signed as by Slack, with the given deviations. */
async function send({ url, slack }: SlackBench, body: string, forged: Forged = {}): Promise<Response> {
  const seconds = Math.floor(Date.now() / 1_000) + (forged.secondsAway ?? 0);
  const { method = "POST", contentType = "application/json" } = forged;
  return fetch(url, {
    method,
    headers: {
      "content-type": contentType,
      "x-slack-request-timestamp": String(seconds),
      "x-slack-signature": forged.signature ?? signatureOf(body, seconds, slack.settings.signingSecret),
    },
    ...(method === "GET" ? {} : { body }),
  });
}

const message = JSON.stringify({
  type: "event_callback",
  team_id: "T1",
  event: { type: "message", channel: "D1", channel_type: "im", user: "U1", text: "hello", ts: "1.000001" },
});

test("a signed event is accepted", async () => {
  await using bench = await openSlackBench();
  expect((await send(bench, message)).status).toBe(200);
  expect(bench.accepted.inbounds).toHaveLength(1);
});

test("an event without a signature, with a wrong one or with a changed body is refused", async () => {
  await using bench = await openSlackBench();
  const headers = { "content-type": "application/json" };
  const unsigned = await fetch(bench.url, { method: "POST", headers, body: message });
  const seconds = Math.floor(Date.now() / 1_000);
  const answers = [
    unsigned,
    await send(bench, message, { signature: "v0=00" }),
    await send(bench, message, { signature: "nonsense" }),
    await send(bench, message, { signature: signatureOf(message, seconds, "another secret") }),
    await send(bench, `${message} `, {
      signature: signatureOf(message, seconds, bench.slack.settings.signingSecret),
    }),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 401, 401]);
  expect(bench.accepted.inbounds).toHaveLength(0);
});

test("an event signed more than five minutes ago, or from now, is refused", async () => {
  await using bench = await openSlackBench();
  const answers = [
    await send(bench, message, { secondsAway: -310 }),
    await send(bench, message, { secondsAway: 310 }),
    await send(bench, message, { secondsAway: Number.NaN }),
    await send(bench, message, { secondsAway: 290 }),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401, 200]);
  expect(bench.accepted.inbounds).toHaveLength(1);
});

test("a wrong clock is reported while it refuses Slack's requests, and unsigned requests report nothing", async () => {
  await using bench = await openSlackBench();
  const why = (): string => bench.platform.health().why;
  const causes = (): readonly unknown[] => bench.log.lines.flatMap(({ facts }) => facts["cause"] ?? []);
  await send(bench, message, { secondsAway: 360, signature: `v0=${"0".repeat(64)}` });
  expect(causes()).toEqual(["wrong-time"]);
  expect(why()).toBe("");
  for (let count = 0; count < 3; count += 1)
    expect((await send(bench, message, { secondsAway: 360 })).status).toBe(401);
  expect(causes()).toEqual(["wrong-time", "wrong-clock"]);
  expect(bench.log.lines.at(-1)).toMatchObject({
    message: expect.stringContaining("synchronize it (NTP)"),
    facts: { skewS: expect.toSatisfy((skewS) => Math.abs(skewS - 360) <= 1) },
  });
  expect(why()).toMatch(/^this machine's clock is 3\d\d s behind Slack's/u);
  expect(bench.platform.health().ok).toBe(true);
  expect((await send(bench, message)).status).toBe(200);
  expect(why()).toBe("");
  await send(bench, message, { secondsAway: -900 });
  expect(why()).toMatch(/ is (?:899|90\d) s ahead of Slack's/u);
  expect(bench.accepted.inbounds).toHaveLength(1);
});

describe("a signed body that can't be parsed", () => {
  const form = "application/x-www-form-urlencoded";
  test.each([
    ["broken JSON", `{"event": "my secret words`, "application/json", 400],
    ["nothing", "", "application/json", 400],
    ["null", "null", "application/json", 400],
    ["a number", "42", "application/json", 400],
    ["a list", "[]", "application/json", 400],
    ["null in a form", "payload=null", form, 400],
    ["broken JSON in a form", "payload=%7B%22a", form, 400],
    ["an empty object", "{}", "application/json", 200],
    ["an event that is null", `{"event":null}`, "application/json", 200],
    ["an event that is a number", `{"event":5}`, "application/json", 200],
    ["wrong types everywhere", `{"event":{"type":"message","channel":5,"ts":{}}}`, "application/json", 200],
    ["a form about nothing", "a=b", form, 200],
  ])("%s gets an answer, and the bot continues", async (_title, body, contentType, status) => {
    await using bench = await openSlackBench();
    expect((await send(bench, body, { contentType })).status).toBe(status);
    expect((await send(bench, message)).status).toBe(200);
    expect(bench.accepted.inbounds).toHaveLength(1);
    expect(JSON.stringify(bench.log.lines)).not.toContain("my secret");
  });
});

test("a body that is too large is refused", async () => {
  await using bench = await openSlackBench();
  const answer = await send(bench, JSON.stringify({ a: "x".repeat(5 * 1_024 * 1_024) })).catch(
    () => undefined,
  );
  // The refusal comes before the body was sent: some clients report a cut connection instead.
  expect([413, undefined]).toContain(answer?.status);
  expect((await send(bench, message)).status).toBe(200);
});

test("Slack's checks of the URL are answered", async () => {
  await using bench = await openSlackBench();
  const challenge = await send(bench, JSON.stringify({ type: "url_verification", challenge: "c-1" }));
  expect(await challenge.json()).toEqual({ challenge: "c-1" });
  const contentType = "application/x-www-form-urlencoded";
  const headers = { "content-type": contentType };
  const certificate = await fetch(bench.url, { method: "POST", headers, body: "ssl_check=1" });
  expect(certificate.status).toBe(200);
  expect((await send(bench, "", { method: "GET" })).status).toBe(405);
  expect(bench.accepted.inbounds).toHaveLength(0);
});

test("an event that could not be stored fails at once, with one log line", async () => {
  await using bench = await openSlackBench();
  bench.accepted.before = () => {
    throw new Error("The inbox can't be written");
  };
  expect((await send(bench, message)).status).toBe(500);
  const lines = bench.log.lines.filter(({ level }) => level === "error");
  expect(lines.map((line) => line.message)).toEqual([
    "an event from Slack could not be stored; check the store",
  ]);
});

test("neither texts nor names nor tokens reach the log", async () => {
  await using bench = await openSlackBench();
  const { slack, platform, accepted, log } = bench;
  slack.addPerson("U1", "Grace Hopper");
  await slack.say({ channel: "D1", user: "U1", text: "the launch code is 0000" });
  const [said] = accepted.inbounds;
  if (said?.kind !== "said") throw new Error("Nothing was said");
  slack.fail("chat.postMessage", { kind: "reset", when: "before" });
  const post = { turn: "t1", part: 0, covers: [], text: "the launch code", state: "done" } as const;
  await platform.createPost(said.replyTo, post, AbortSignal.timeout(600_000)).catch(() => undefined);
  const output = JSON.stringify(log.lines);
  expect(output).toContain("Slack's library reports");
  expect(output).not.toMatch(/launch|Grace|xoxb|stand-in-signing/u);
});

const timely = (): string => `X-Slack-Request-Timestamp: ${Math.floor(Date.now() / 1_000)}`;
const wrongSignature = `X-Slack-Signature: v0=${"0".repeat(64)}`;

/** The head of a request with this content length. */
function opening(headers: readonly string[], length: number): string {
  const base = ["Host: x", "Content-Type: application/json", `Content-Length: ${length}`];
  return rawRequest("POST /slack/events", [...base, ...headers]);
}

test.each([
  ["no headers of Slack's", [], 100, 401],
  ["no time", [wrongSignature], 100, 401],
  ["a time that is no number", ["X-Slack-Request-Timestamp: soon", wrongSignature], 100, 401],
  ["two times", [timely(), timely(), wrongSignature], 100, 401],
  ["an old time", ["X-Slack-Request-Timestamp: 1600000000", wrongSignature], 100, 401],
  ["no signature", [timely()], 100, 401],
  ["a signature of another form", [timely(), "X-Slack-Signature: v0=00"], 100, 401],
  ["a body that is too large", [timely(), wrongSignature], 4 * 1_024 * 1_024 + 1, 413],
])("a request with %s is refused before its body arrives", async (_title, headers, length, status) => {
  await using bench = await openSlackBench();
  // The caller keeps the connection open and sends nothing more.
  const answer = await call(Number(new URL(bench.url).port), opening(headers, length), "stay");
  expect(answer).toContain(`HTTP/1.1 ${status} `);
});

test("unverified bodies use at most 16 MiB together, and Slack still gets through", async () => {
  await using bench = await openSlackBench();
  const port = Number(new URL(bench.url).port);
  const length = 1_024 * 1_024;
  const bytes = opening([timely(), wrongSignature], length) + "x".repeat(length - 1);
  let refused = 0;
  const strangers = Array.from({ length: 50 }, async () => {
    const answer = await call(port, bytes, "stay");
    // A caller that is cut off while sending may not see the answer.
    if (answer === "" || answer.includes(" 503 ")) refused += 1;
  });
  await expect.poll(() => refused, { timeout: 60_000 }).toBeGreaterThanOrEqual(50 - 16);
  expect((await send(bench, message)).status).toBe(200);
  expect(refused).toBeLessThan(50);
  await bench.http[Symbol.asyncDispose]();
  await Promise.all(strangers);
});

test("refusals are logged once with their cause and clock skew, without the body", async () => {
  await using bench = await openSlackBench();
  for (let count = 0; count < 3; count += 1) {
    await send(bench, message, { secondsAway: -360 });
    await send(bench, message, { signature: `v0=${"0".repeat(64)}` });
  }
  const warnings = bench.log.lines.filter(({ level }) => level === "warn");
  expect(warnings.map(({ facts }) => facts)).toEqual([
    { cause: "wrong-clock", skewS: expect.toSatisfy((skewS) => Math.abs(skewS + 360) <= 1) },
    { cause: "wrong-signature" },
  ]);
  expect(JSON.stringify(bench.log.lines)).not.toContain("hello");
});

test("a payload sent along with the unsigned certificate check is dropped", async () => {
  await using bench = await openSlackBench();
  const body = new URLSearchParams({ ssl_check: "1", payload: message });
  const answer = await fetch(bench.url, { method: "POST", body });
  expect(answer.status).toBe(200);
  expect(bench.accepted.inbounds).toHaveLength(0);
});
