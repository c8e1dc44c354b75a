import { APIError } from "openai";
import { describe, expect, test } from "vitest";

import { asErrorBody } from "../../../src/models/openai/failure/error-body.ts";
import { asObject } from "../../../src/models/json.ts";
import { refusalIn } from "../../../src/models/openai/failure/refusal.ts";
import { limitsIn, type Limits } from "../../../src/models/openai/failure/too-long.ts";
import type { PlainReply } from "../../support/openai/plain-server.ts";
import { otherReplies, tooLongReplies } from "../../support/openai/too-long-replies.ts";

/** As the library throws it. */
async function readIn({ status, json }: PlainReply): Promise<Limits | undefined> {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  const response = await asErrorBody(new Response(text, { status }));
  const body = await response.text();
  const isJson = body.startsWith("{");
  const message = isJson ? undefined : body;
  const parsed = isJson ? asObject(JSON.parse(body)) : undefined;
  return limitsIn(refusalIn(APIError.generate(status, parsed, message, new Headers())));
}

describe("the error that a prompt is too long", () => {
  test.each(tooLongReplies)("is recognised in the words of $server", async (reply) => {
    const { status: _, json: __, server: ___, ...said } = reply;
    const limits = await readIn(reply);
    expect(limits).toBeDefined();
    expect(limits).toMatchObject(said);
    expect(limits?.windowTokens).toBe(said.windowTokens);
  });

  test.each(otherReplies)("is not recognised in other errors of $server", async (reply) => {
    expect(await readIn(reply)).toBeUndefined();
  });

  test.each([
    [
      "max_tokens is too large: 6000. This model supports at most 4096 completion tokens, whereas you provided 6000.",
      4_096,
    ],
    ["Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8_192],
    [
      "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
      8_192,
    ],
    [
      "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.",
      4_096,
    ],
    [
      "max_tokens: 6000 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku",
      4_096,
    ],
    ["maxOutputTokens value 6000 but the supported range is from 1 (inclusive) to 4097 (exclusive)", 4_097],
    ["API 调用参数有误。max_tokens 参数非法：取值范围 1-4095", 4_095],
    ["<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 2048]", 2_048],
    [
      "This request requires more credits, or fewer max_tokens. You requested up to 6000 tokens, but can only afford 2666.",
      2_666,
    ],
  ])("is distinguished from a limit of answers: %s", async (message, replyTokens) => {
    expect(await readIn({ status: 400, json: { error: { message } } })).toEqual({ replyTokens });
  });
});
