import { callSlack, piecesOf } from "./shared/bare-calls.ts";
import { addAnswer, addQuestion, openHistory } from "./shared/history.ts";
import { listenForMentions, type Mention } from "./shared/mentions.ts";
import { announceReady } from "./shared/ready.ts";

// What people see of it is the same as of `packages.ts`: the beginning of the answer at once, then the whole of it.
async function answer({ channel, threadTs, text }: Mention): Promise<void> {
  const thread = `${channel}:${threadTs}`;
  let reply = "";
  let post: ReturnType<typeof callSlack> | undefined;
  for await (const piece of piecesOf(await addQuestion(thread, text))) {
    reply += piece;
    // Not awaited here, so that the stream is read on meanwhile.
    if (reply !== "") post ??= callSlack("chat.postMessage", { channel, thread_ts: threadTs, text: reply });
  }
  const posted = await post;
  if (posted === undefined) throw new Error("the model server gave no answer");
  await Promise.all([
    addAnswer(thread, reply),
    callSlack("chat.update", { channel, ts: String(posted["ts"]), text: reply }),
  ]);
}

await openHistory();
const { user_id: botUserId } = await callSlack("auth.test", {});
await listenForMentions(String(botUserId), answer);
announceReady();
