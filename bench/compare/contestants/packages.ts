import { WebClient } from "@slack/web-api";
import { OpenAI } from "openai";

import { environment } from "./shared/environment.ts";
import { addAnswer, addQuestion, openHistory } from "./shared/history.ts";
import { listenForMentions, type Mention } from "./shared/mentions.ts";
import { promptOf } from "./shared/prompt.ts";
import { announceReady } from "./shared/ready.ts";

// The packages as they come. Their limits at once are raised above what the bench asks for.
const slack = new WebClient(environment.slackBotToken, {
  slackApiUrl: environment.slackApiUrl,
  maxRequestConcurrency: 1_024,
});
const model = new OpenAI({ baseURL: environment.openaiBaseUrl, apiKey: environment.openaiApiKey });

async function answer({ channel, threadTs, text }: Mention): Promise<void> {
  const thread = `${channel}:${threadTs}`;
  const stream = await model.chat.completions.create({
    model: environment.openaiModel,
    messages: [...promptOf(await addQuestion(thread, text))],
    stream: true,
  });
  let reply = "";
  let post: ReturnType<typeof slack.chat.postMessage> | undefined;
  for await (const { choices } of stream) {
    reply += choices[0]?.delta.content ?? "";
    // Not awaited here, so that the stream is read on meanwhile.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's, not a window's
    if (reply !== "") post ??= slack.chat.postMessage({ channel, thread_ts: threadTs, text: reply });
  }
  const posted = await post;
  if (posted?.ts === undefined) throw new Error("the model server gave no answer");
  await Promise.all([addAnswer(thread, reply), slack.chat.update({ channel, ts: posted.ts, text: reply })]);
}

await openHistory();
const { user_id: botUserId = "" } = await slack.auth.test();
await listenForMentions(botUserId, answer);
announceReady();
