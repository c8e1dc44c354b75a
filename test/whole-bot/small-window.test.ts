import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { messagesIn, promptTokensIn, startPlainServer } from "../support/openai/plain-server.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const windowTokens = 4_096;

test("a conversation continues on a server with a quarter of CONTEXT_TOKENS, and its summary covers the rest", async () => {
  using folder = temporaryFolder();
  let refused = 0;
  await using server = await startPlainServer((request) => {
    const room = Number(request.body["max_tokens"]);
    if (promptTokensIn(request) + room <= windowTokens) return undefined;
    refused += 1;
    const message = `This model's maximum context length is ${windowTokens} tokens. However, you requested ${promptTokensIn(request) + room} tokens (${promptTokensIn(request)} in the messages, ${room} in the completion).`;
    return { status: 400, json: { object: "error", message, type: "BadRequestError", code: 400 } };
  });
  await using stage = await openSlackStage("http");
  await using bot = await startBot({
    ...stage.settings,
    OPENAI_BASE_URL: server.origin,
    OPENAI_PRESET: "vllm",
    DATA_DIR: folder.path,
  });
  await stage.connect(bot);
  const room = stage.openRoom("ada");
  for (let turn = 1; turn <= 10; turn += 1) {
    await room.say(
      `Crate ${turn} holds ${turn * 111} bolts. ${"It stands beside the northern door. ".repeat(50)}`,
    );
    await expect.poll(room.answers, patiently).toEqual(Array.from({ length: turn }, () => "Friday."));
  }
  // The first one, and where the server counts more tokens in later texts, one more.
  expect(refused).toBeLessThanOrEqual(2);
  const known = refused;
  const summarised = (): boolean =>
    server.requests.some((request) => {
      const texts = messagesIn(request).map(({ content }) => content ?? "");
      return texts[1]?.startsWith("[Summary") === true && texts[1].includes("111 bolts");
    });
  await room.say("what is in the first crate?");
  await expect.poll(summarised, patiently).toBe(true);
  expect(refused).toBe(known);
});
