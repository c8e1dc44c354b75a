import { createSlackAdapter } from "@chat-adapter/slack";
import { createRedisState } from "@chat-adapter/state-redis";
import { serve } from "@hono/node-server";
import { Chat, ConsoleLogger, type Message, type Thread } from "chat";
import { OpenAI } from "openai";

import { environment } from "./shared/environment.ts";
import { historyLength, promptOf, withoutMention, type Line } from "./shared/prompt.ts";
import { announceReady } from "./shared/ready.ts";

const logger = new ConsoleLogger("error");
const state = createRedisState({ url: environment.redisUrl, logger });
const model = new OpenAI({ baseURL: environment.openaiBaseUrl, apiKey: environment.openaiApiKey });
const slack = createSlackAdapter({
  apiUrl: environment.slackApiUrl,
  botToken: environment.slackBotToken,
  signingSecret: environment.slackSigningSecret,
  logger,
  webClientOptions: { maxRequestConcurrency: 1_024 },
});
const bot = new Chat({
  userName: "bot",
  adapters: { slack },
  state,
  logger,
  // The strategy that its documentation names for AI chat bots. "drop", the default, loses messages.
  concurrency: "queue",
});

/** The text as it was written: `message.text` has the names of people in place of their ids. */
function writtenText({ raw }: Message): string {
  return withoutMention((raw as { readonly text: string }).text);
}

/**
 * Lists of the state adapter hold the history. They are what its own `history.user` is made of, with less in each
 * entry. `thread.messages` and `history.thread` would call Slack's `conversations.replies` for each answer, and
 * `thread.setState` would rewrite the whole history twice per message.
 */
async function add(thread: string, line: Line): Promise<void> {
  await state.appendToList(`history:${thread}`, line, { maxLength: historyLength });
}

async function addQuestions(thread: string, messages: readonly Message[]): Promise<readonly Line[]> {
  const adding = messages.map((each) => add(thread, { role: "user", content: writtenText(each) }));
  // Its connection keeps the order, so that all of it is one round trip.
  const [lines] = await Promise.all([state.getList<Line>(`history:${thread}`), ...adding]);
  return lines;
}

bot.onNewMention(async (thread: Thread, message, context) => {
  const lines = await addQuestions(thread.id, [...(context?.skipped ?? []), message]);
  const stream = await model.chat.completions.create({
    model: environment.openaiModel,
    messages: [...promptOf(lines)],
    stream: true,
  });
  let added: Promise<void> | undefined;
  async function* pieces(): AsyncGenerator<string> {
    let reply = "";
    for await (const { choices } of stream) {
      const piece = choices[0]?.delta.content;
      if (piece === undefined || piece === null || piece === "") continue;
      reply += piece;
      yield piece;
    }
    // Beside the last call of Slack, as the other contestants do.
    added = add(thread.id, { role: "assistant", content: reply });
  }
  await thread.post(pieces());
  await added;
});

await bot.initialize();
await new Promise<void>((resolve) => {
  serve(
    {
      port: environment.port,
      hostname: "127.0.0.1",
      fetch: (request) => bot.webhooks.slack(request),
    },
    () => resolve(),
  );
});
announceReady();
