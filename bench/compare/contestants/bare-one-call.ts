import { answerOf, callSlack } from "./shared/bare-calls.ts";
import { addAnswer, addQuestion, openHistory } from "./shared/history.ts";
import { listenForMentions, type Mention } from "./shared/mentions.ts";
import { announceReady } from "./shared/ready.ts";

// The least that answers: one call of the model in one piece, one call of Slack. What the rest costs is seen against it.
async function answer({ channel, threadTs, text }: Mention): Promise<void> {
  const thread = `${channel}:${threadTs}`;
  const reply = await answerOf(await addQuestion(thread, text));
  await Promise.all([
    // One connection keeps the order: the next question reads this answer.
    addAnswer(thread, reply),
    callSlack("chat.postMessage", { channel, thread_ts: threadTs, text: reply }),
  ]);
}

await openHistory();
const { user_id: botUserId } = await callSlack("auth.test", {});
await listenForMentions(String(botUserId), answer);
announceReady();
