import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { startRawServer, type RawRespond } from "../../support/openai/raw-server.ts";
import { hear, openModel, type Heard } from "./open-model.ts";

type Api = "chat" | "responses";

const chunk = (delta: object, reason: string | null = null): string =>
  data({ choices: [{ index: 0, delta, finish_reason: reason }] });
const data = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const done = "data: [DONE]\n\n";
const thinking = (text: string): object => ({ type: "thinking", thinking: [{ type: "text", text }] });

/** Answers of servers that only resemble OpenAI's, and what people are to read of them. */
const readable: readonly (readonly [string, Api, string, string])[] = [
  [
    "lists of thoughts and texts, then texts",
    "chat",
    chunk({ content: [thinking("is 391."), { type: "text", text: "3" }] }) + chunk({ content: "91" }, "stop"),
    "391",
  ],
  [
    "lists alone",
    "chat",
    chunk({ content: [thinking("The person")] }) +
      chunk({ content: [{ type: "text", text: "Hello" }] }, "stop"),
    "Hello",
  ],
  [
    "a part that is no list",
    "chat",
    chunk({ content: { type: "output_text", text: "Hello" } }, "stop"),
    "Hello",
  ],
  [
    "parts of unknown kinds",
    "chat",
    chunk({ content: [{ type: "image" }, { text: "Hello" }] }, "stop"),
    "Hello",
  ],
  [
    "a message in the place of a delta",
    "chat",
    data({ choices: [{ message: { content: "Hello" } }] }) + done,
    "Hello",
  ],
  [
    "a message that repeats all of it",
    "chat",
    chunk({ content: "Hel" }) +
      chunk({ content: "lo" }) +
      data({ choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] }),
    "Hello",
  ],
  [
    "an empty reason to finish with each",
    "chat",
    chunk({ content: "Hel" }, "") + chunk({ content: "lo" }, "") + done,
    "Hello",
  ],
  ["a mark of its end, and no reason", "chat", chunk({ content: "Hello" }) + done, "Hello"],
  ["a mark without an empty line behind it", "chat", `${chunk({ content: "Hello" })}data: [DONE]`, "Hello"],
  [
    "pings between",
    "chat",
    `event: ping\ndata: ping\n\n${chunk({ content: "Hello" })}data:\n\n${done}`,
    "Hello",
  ],
  [
    "null everywhere",
    "chat",
    `${data({ choices: null, usage: null })}${data({ choices: [{ delta: null }], usage: { prompt_tokens: null } })}${chunk({ content: "Hello", tool_calls: null }, "stop")}`,
    "Hello",
  ],
  [
    "events without an empty line between them",
    "chat",
    (chunk({ content: "Hel" }) + chunk({ content: "lo" }, "stop") + done).replaceAll("\n\n", "\n"),
    "Hello",
  ],
  ["words that are no event", "chat", `data: alive\n\n${chunk({ content: "Hello" }, "stop")}`, "Hello"],
  ["events within events", "chat", `data: ${chunk({ content: "Hello" }, "stop")}`, "Hello"],
  [
    "objects behind one another on one line",
    "chat",
    `data: ${JSON.stringify({ choices: [{ delta: { content: "Hel{" } }] })}${JSON.stringify({ choices: [{ delta: { content: "lo" }, finish_reason: "stop" }] })}[DONE]\n\n`,
    "Hel{lo",
  ],
  [
    "events that are encoded twice",
    "chat",
    data(JSON.stringify({ choices: [{ delta: { content: "Hel" } }] })) +
      data(JSON.stringify({ choices: [{ delta: { content: "lo" }, finish_reason: "stop" }] })),
    "Hello",
  ],
  [
    "a body that is encoded twice",
    "chat",
    JSON.stringify(JSON.stringify({ choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] })),
    "Hello",
  ],
  [
    "thoughts and words in one chunk that is marked as thoughts",
    "chat",
    chunk({ content: "<thought>Hm hm</thought>Hello", extra_content: { google: { thought: true } } }, "stop"),
    "Hello",
  ],
  [
    "lines of JSON",
    "chat",
    '{"choices":[{"delta":{"content":"Hel"}}]}\n{"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}\n',
    "Hello",
  ],
  [
    "a list of all its chunks",
    "chat",
    '[{"choices":[{"delta":{"content":"Hel"}}]},{"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}]',
    "Hello",
  ],
  [
    "parts and chunks that are marked as thoughts",
    "chat",
    chunk({ content: "Hm", extra_content: { google: { thought: true } } }) +
      chunk({ content: [{ text: "Hm", thought: true }, { text: "Hello" }] }, "stop"),
    "Hello",
  ],
  [
    "thoughts in fields of their own",
    "chat",
    `${chunk({ reasoning_content: "Hm", reasoning: "Hm", reasoning_details: [{ text: "Hm" }] })}${chunk({ content: "Hello" }, "stop")}`,
    "Hello",
  ],
  [
    "JSON in the place of a stream",
    "chat",
    JSON.stringify({ choices: [{ message: { content: "Hello" }, finish_reason: "stop" }] }),
    "Hello",
  ],
  [
    "JSON in the place of a stream",
    "responses",
    JSON.stringify({
      object: "response",
      status: "completed",
      error: null,
      output: [
        { type: "reasoning", summary: [] },
        { type: "message", content: [{ type: "output_text", text: "Hello" }] },
      ],
    }),
    "Hello",
  ],
  [
    "a closing event with all of it",
    "responses",
    data({
      type: "response.completed",
      response: { output: [{ type: "message", content: [{ type: "output_text", text: "Hello" }] }] },
    }),
    "Hello",
  ],
  [
    "a mark of its end alone",
    "responses",
    `${data({ type: "response.output_text.delta", delta: "Hello" })}${done}`,
    "Hello",
  ],
];

describe("an answer is read completely that arrives as", () => {
  test.each(readable)("%s (%s)", async (_, api, body, text) => {
    const heard = await hearBody(api, body);
    expect(heard).toMatchObject({ text, finished: [{ isCut: false }] });
  });

  test.each(readable)("%s (%s), split between any two bytes", async (_, api, body, text) => {
    const bytes = Buffer.from(body);
    for (const at of [1, 7, Math.floor(bytes.length / 2), bytes.length - 3]) {
      const heard = await hearFrom(api, async (response) => {
        response.write(bytes.subarray(0, at));
        await pause(2);
        response.end(bytes.subarray(at));
      });
      expect(heard).toMatchObject({ text, finished: [{ isCut: false }] });
    }
  });

  test("empty finish reasons, for longer than the end of a stream may take", async () => {
    const heard = await hearFrom("chat", async (response) => {
      response.write(chunk({ content: "first freeze the branch," }, ""));
      await pause(1_300);
      response.end(chunk({ content: " then tag it" }, "") + chunk({}, "stop") + done);
    });
    expect(heard).toMatchObject({
      text: "first freeze the branch, then tag it",
      finished: [{ isCut: false }],
    });
  });

  test("only comments for longer than the allowed silence, and then words", async () => {
    const heard = await hearFrom(
      "chat",
      async (response) => {
        for (let comments = 0; comments < 8; comments += 1) {
          response.write(": PROCESSING\n\n");
          await pause(100);
        }
        response.end(chunk({ content: "Hello" }, "stop"));
      },
      400,
    );
    expect(heard).toMatchObject({ text: "Hello", finished: [{ isCut: false }] });
  });
});

describe("an answer is incomplete that", () => {
  const refused: readonly (readonly [string, string, string])[] = [
    ["is flagged", chunk({ content: "Hello" }, "SAFETY"), "refused"],
    [
      "has a refusal among its parts",
      chunk({ content: [{ type: "refusal", refusal: "No." }] }, "stop"),
      "refused",
    ],
    ["only thinks", chunk({ content: [thinking("Hm")] }, "stop") + done, "empty"],
  ];
  test.each(refused)("%s", async (_, body, kind) => {
    const heard = await hearBody("chat", body);
    expect(heard).toMatchObject({ error: { name: "ModelError", kind }, finished: [] });
  });

  test("ran into its length limit, in another server's words", async () => {
    const heard = await hearBody("chat", chunk({ content: "Hello" }, "max_tokens"));
    expect(heard).toMatchObject({ text: "Hello", finished: [{ isCut: true }] });
  });

  const failures: readonly (readonly [string, object, string])[] = [
    ["a busy server", { code: 429, message: "Rate limit exceeded" }, "rate-limited"],
    ["a wrong key", { code: 401, message: "User not found." }, "bad-key"],
    ["a bad request", { code: "400", message: "Provider returned error" }, "rejected"],
    ["no credit", { code: 402, message: "More credits" }, "out-of-quota"],
    ["a broken server", { code: 502, message: "Provider disconnected" }, "unreachable"],
    ["an unknown fault", { message: "Something went wrong" }, "cut-off"],
    ["a fault by its name", { message: "No", type: "invalid_request_error" }, "rejected"],
  ];
  test.each(failures)("begins with %s, as an event and as a body", async (_, error, kind) => {
    for (const body of [
      data({ error, choices: [] }),
      `event: error\n${data(error)}`,
      JSON.stringify({ error }),
    ]) {
      const heard = await hearBody("chat", body);
      expect(heard).toMatchObject({ error: { name: "ModelError", kind }, pieces: [] });
    }
  });

  test.each([
    [{ code: 401, message: "Unauthorized" }, "bad-key"],
    [{ detail: "Rate limit exceeded", status: 429 }, "rate-limited"],
    [{ success: false, errors: [{ code: 5007, message: "No such model" }] }, "unknown-model"],
    [{ choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } }, "out-of-quota"],
  ])("is an error with a status of 200: %j", async (json, kind) => {
    for (const body of [JSON.stringify(json), data(json)])
      expect(await hearBody("chat", body)).toMatchObject({ error: { name: "ModelError", kind }, pieces: [] });
  });

  test("is a web page, of which the operator learns only the title", async () => {
    const page =
      "<!doctype html><html><head><title>Open\n WebUI</title></head><body>secret-words</body></html>";
    const { error } = await hearBody("chat", page, "text/html; charset=utf-8");
    expect(error).toMatchObject({ kind: "not-a-model" });
    expect(String(error)).toContain("200 (text/html) with the page “Open WebUI”");
    expect(String(error)).not.toContain("secret-words");
  });

  test("is neither a stream nor JSON nor a page", async () => {
    const { error } = await hearBody("chat", "secret-words", "text/plain");
    expect(error).toMatchObject({ kind: "not-a-model" });
    expect(String(error)).not.toContain("secret-words");
  });
});

function hearBody(api: Api, body: string, type = "text/event-stream"): Promise<Heard> {
  return hearFrom(api, (response) => {
    response.setHeader("content-type", type);
    response.end(body);
    return Promise.resolve();
  });
}

/** What is heard of a server that answers everything so. */
async function hearFrom(api: Api, respond: RawRespond, idleMs = 60_000): Promise<Heard> {
  await using server = await startRawServer(respond);
  return await hear(openModel(server, { api, idleMs }).model);
}

describe("pieces that arrive together", () => {
  test("are one piece", async () => {
    const pieces = ["On ", "Fri", "day."].map((content) => chunk({ content })).join("");
    const heard = await hearBody("chat", pieces + chunk({}, "stop") + done);
    expect(heard).toMatchObject({ pieces: ["On Friday."], finished: [{ isCut: false }] });
  });

  test("are heard although a failure arrives with them", async () => {
    const failure = data({ error: { message: "overloaded", code: "server_error" } });
    const heard = await hearBody("chat", chunk({ content: "On " }) + chunk({ content: "Fri" }) + failure);
    expect(heard).toMatchObject({ text: "On Fri", finished: [], error: { kind: "cut-off" } });
  });

  test("with their withdrawal are never heard", async () => {
    const said = ["Grace ", "is slow.", "\n</think>\n\n", "On ", "Friday."]
      .map((content) => chunk({ content }))
      .join("");
    const heard = await hearBody("chat", said + chunk({}, "stop") + done);
    expect(heard).toMatchObject({ pieces: ["On Friday."], finished: [{ isCut: false }] });
    expect(heard.withdrawn).toBeUndefined();
  });
});
