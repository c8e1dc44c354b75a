import { describe, expect, test } from "vitest";

import { recallTool } from "../../../src/conversation/recall/recall-tool.ts";
import { startRawServer } from "../../support/openai/raw-server.ts";
import { hear, openModel, prompt, type Heard } from "./open-model.ts";

const event = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const chunk = (delta: object, reason: unknown = null): string =>
  event({ choices: [{ index: 0, delta, finish_reason: reason }] });
const ended = (reason: string): string => chunk({ content: "Hello" }) + chunk({}, reason);

async function hearBody(...bodies: readonly string[]): Promise<Heard & { readonly requests: number }> {
  await using server = await startRawServer((response, { number }) => {
    response.end(bodies[number - 1] ?? bodies.at(-1));
  });
  const { model } = openModel(server, { api: "chat" });
  const heard = await hear(model, AbortSignal.timeout(600_000), {
    ...prompt,
    tools: [recallTool.definition],
  });
  return { ...heard, requests: server.requests() };
}

describe("a finish reason in any server's words", () => {
  test.each(["eos", "EOS_TOKEN", "stop_sequence", "end_turn", "STOP", "COMPLETE", "tool_calls"])(
    "means that the answer is complete: %s",
    async (reason) => {
      expect(await hearBody(ended(reason))).toMatchObject({ text: "Hello", finished: [{ isCut: false }] });
    },
  );

  test.each([
    "MAX_TOKENS",
    "max_output_tokens",
    "max_new_tokens",
    "max_length",
    "length_limit",
    "model_context_window_exceeded",
    "context_length_exceeded",
    "token_limit_reached",
  ])("means that it was cut: %s", async (reason) => {
    expect(await hearBody(ended(reason))).toMatchObject({ text: "Hello", finished: [{ isCut: true }] });
  });

  test.each(["content_filtered", "guardrail_intervened", "BLOCKLIST", "SPII", "refusal", "IMAGE_SAFETY"])(
    "means that it was refused: %s",
    async (reason) => {
      expect(await hearBody(ended(reason))).toMatchObject({ error: { kind: "refused" }, finished: [] });
    },
  );

  test.each(["engine_overloaded", "server_error", "aborted", "cancelled", "timeout"])(
    "means that it broke off: %s",
    async (reason) => {
      expect(await hearBody(ended(reason))).toMatchObject({ error: { kind: "cut-off" }, finished: [] });
    },
  );

  test.each(["", "null", "None", "unknown", "FINISH_REASON_UNSPECIFIED", false, 0])(
    "means nothing: %j",
    async (reason) => {
      const body = chunk({ content: "Hel" }, reason) + chunk({ content: "lo" }, reason) + chunk({}, "stop");
      expect(await hearBody(body)).toMatchObject({ text: "Hello", finished: [{ isCut: false }] });
    },
  );

  test.each(["MALFORMED_FUNCTION_CALL", "function_call_filter: MALFORMED_FUNCTION_CALL"])(
    "means an unreadable call, after which that answer gets no functions: %s",
    async (reason) => {
      const heard = await hearBody(chunk({}, reason), ended("stop"));
      expect(heard).toMatchObject({ text: "Hello", finished: [{ isCut: false }], requests: 2 });
      expect(await hearBody(ended(reason))).toMatchObject({ text: "Hello", finished: [{}], requests: 1 });
    },
  );
});

describe("an answer is read once that", () => {
  const text = "The launch is on Friday, at noon.";
  test("is repeated with its end", async () => {
    const body =
      chunk({ content: text.slice(0, 20) }) +
      chunk({ content: text.slice(20) }) +
      chunk({ content: text }, "stop");
    expect(await hearBody(body)).toMatchObject({ text, finished: [{}] });
  });

  test.each([[["Hi"]], [["Hel", "lo"]], [["On ", "Friday."]], [["No."]]])(
    "is short and repeated with its end: %j",
    async (pieces) => {
      const body = pieces.map((content) => chunk({ content })).join("");
      const said = pieces.join("");
      expect(await hearBody(body + chunk({ content: said }, "stop"))).toMatchObject({ text: said });
    },
  );

  test.each([[["ha", "ha"]], [["42", "42"]], [["No.", " No."]], [["10", "00", "1000"]]])(
    "repeats itself on purpose: %j",
    async (pieces) => {
      const body = pieces
        .map((content, index) => chunk({ content }, index === pieces.length - 1 ? "stop" : null))
        .join("");
      expect(await hearBody(body)).toMatchObject({ text: pieces.join("") });
    },
  );

  test("arrives beside others", async () => {
    const other = { index: 1, delta: { content: "No." } };
    const apart = chunk({ content: "Hel" }) + event({ choices: [other] }) + chunk({ content: "lo" });
    expect(await hearBody(apart + chunk({}, "stop"))).toMatchObject({ text: "Hello", finished: [{}] });
  });
});
