import { conversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { openSlackBench, type SlackBench } from "./slack-bench.ts";

export type Wire = Readonly<Record<string, unknown>>;

/** A title, a body from Slack, and the text that people see. */
export type ReadingCase = readonly [title: string, wire: Wire, text: string];

const signal = new AbortController().signal;

/** Reads each case as an event, as an edit, as backfill and as a missed message. */
export async function readAllWays(
  cases: readonly ReadingCase[],
): Promise<readonly { title: string; texts: readonly (string | undefined)[]; expected: string }[]> {
  await using bench = await openSlackBench();
  const { slack, platform, accepted } = bench;
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bob");
  // A name must become one line without invisible characters, of bounded length.
  slack.addPerson("U3", `\u202Ekcats\u202C \u200B\nBo:${"x".repeat(400)}`);
  const root = await slack.say({ channel: "C1", user: "U1", text: "look", mention: true });
  for (const [, wire] of cases) add(bench, root, wire);
  const live: (readonly string[])[] = [];
  for (const [, wire] of cases) {
    accepted.inbounds.length = 0;
    const ts = slack.messages.nextTs();
    const common = { type: "message", channel: "C1", channel_type: "channel", thread_ts: root };
    await slack.sendEvent({ ...common, ts, event_ts: ts, user: "U1", ...wire });
    await slack.sendEvent({
      ...common,
      subtype: "message_changed",
      ts: `${ts}1`,
      message: {
        type: "message",
        user: "U1",
        ts,
        thread_ts: root,
        edited: { user: "U1", ts: `${ts}1` },
        ...wire,
      },
      previous_message: { type: "message", user: "U1", ts, thread_ts: root, text: "before" },
    });
    live.push(textsOf(accepted.inbounds));
  }
  const conversation = conversationKey(`slack:T1:C1:${root}`);
  const begun = { conversation, place: "T1:C1", before: slack.messages.nextTs() };
  const earlier = await platform.fetchHistory(begun, 200, signal);
  const conversations = [{ conversation, lastMessage: root }];
  const missed = await platform.fetchMissed({ place: "T1:C1", conversations }, signal);
  return cases.map(([title, , expected], index) => ({
    title,
    texts: [...(live[index] ?? []), earlier[index + 1]?.text, missed[index]?.message.text],
    expected,
  }));
}

export function textsOf(inbounds: readonly Inbound[]): readonly string[] {
  return inbounds.flatMap((each) => {
    if (each.kind === "said") return [each.message.text];
    return each.kind === "edited" ? [each.text] : [];
  });
}

function add({ slack }: SlackBench, threadTs: string, wire: Wire): void {
  const message = {
    team: "T1",
    channel: "C1",
    threadTs,
    user: "U1",
    text: "",
    blocks: [],
    metadata: undefined,
  };
  slack.messages.add({ ...message, files: [], wire });
}
