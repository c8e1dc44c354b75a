import { expect, test } from "vitest";

import type { Said } from "../../../src/domain/inbound.ts";
import { ListedRenamings, openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const signal = new AbortController().signal;
const post = { turn: "t1", part: 0, covers: ["1.0"], text: "One", state: "done" } as const;

async function say({ slack, accepted }: SlackBench, channel: string, threadTs?: string): Promise<Said> {
  const thread = threadTs === undefined ? { mention: true } : { threadTs };
  const ts = await slack.say({ channel, user: "U1", text: "hello", ...thread });
  const said = accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
  if (said?.kind !== "said") throw new Error("Nothing was said");
  return said;
}

test("a renamed channel keeps its first id in the store, and calls to Slack use the new one", async () => {
  await using bench = await openSlackBench();
  const { slack, platform, accepted } = bench;
  slack.addChannel("C1", { members: ["UBOT", "U1"] });
  slack.addChannel("C9", { members: ["UBOT", "U1"] });
  const first = await say(bench, "C1");
  const root = first.message.id;
  const id = await platform.createPost(first.replyTo, post, signal);
  await slack.rename("C1", "C2");

  const next = await say(bench, "C2", root);
  expect(next).toMatchObject({ conversation: first.conversation, place: "T1:C1", addressing: "open" });
  expect(next.message.permalink).toContain("/archives/C2/p");
  expect(next.message.permalink).toContain("cid=C2");
  // Old and new posts are found, edited and deleted.
  await platform.editPost(first.replyTo, id, { ...post, text: "One, better" }, signal);
  const second = await platform.createPost(next.replyTo, { ...post, turn: "t2", text: "Two" }, signal);
  expect(slack.posts("C2", root).map(({ text }) => text)).toEqual(["One, better", "Two"]);
  expect(await platform.findPost(next.replyTo, { ...post, turn: "t2" }, 0, signal)).toBe(second);
  expect(platform.permalinkOf(first.conversation, id)).toContain("/archives/C2/p");
  await platform.deletePost({ platform: "slack", target: {} }, id, signal);
  expect(slack.posts("C2", root).map(({ text }) => text)).toEqual(["Two"]);

  // Old links lead to the channel's current id.
  const { origin } = new URL(slack.apiUrl);
  const old = `${origin}/archives/C1/p1?thread_ts=1.1&cid=C1 and ${origin}/archives/C10/p1`;
  await platform.sendPrivately(next.replyTo, [old], signal);
  expect(slack.whispers.at(-1)).toMatchObject({ channel: "C2", threadTs: root });
  expect(slack.whispers.at(-1)?.text).toContain("/archives/C2/p1?thread_ts=1.1&amp;cid=C2 and");
  expect(slack.whispers.at(-1)?.text).toContain("/archives/C10/p1");

  const files = [{ name: "a.md", mediaType: "text/markdown", text: old }];
  await platform.sendFilesPrivately(next.replyTo, { text: "Here", files }, signal);
  expect(slack.uploads.all.at(-1)?.text).toContain("/archives/C2/p1");

  // Rights, missed messages and backfill.
  const readers = { place: "T1:C9" };
  expect((await platform.readable(readers, ["T1:C1"], signal)).places).toEqual(["T1:C1"]);
  expect((await platform.readable({ place: "T1:C1" }, ["T1:C9"], signal)).places).toEqual(["T1:C9"]);
  const where = { conversation: first.conversation, place: "T1:C1", hasWritten: false, isSpeaker: false };
  expect(await platform.hasRight("T1:U1", "write", where, signal)).toBe(true);
  const unheard = slack.write({ channel: "C2", user: "U1", text: "unheard", threadTs: root });
  const conversations = [{ conversation: first.conversation, lastMessage: next.message.id }];
  const missed = await platform.fetchMissed({ place: "T1:C1", conversations }, signal);
  expect(missed).toMatchObject([{ conversation: first.conversation, message: { id: unheard.ts } }]);
  const begun = { conversation: first.conversation, place: "T1:C1", before: unheard.ts };
  expect((await platform.fetchHistory(begun, 10, signal)).map(({ id: each }) => each)).toContain(root);

  // Edits, deletions, commands and presses.
  await slack.edit("C2", next.message.id, "hello again");
  await slack.delete("C2", next.message.id);
  expect(accepted.inbounds.slice(-2)).toMatchObject([
    { kind: "edited", conversation: first.conversation, place: "T1:C1" },
    { kind: "deleted", conversation: first.conversation, place: "T1:C1" },
  ]);
  await slack.command({ channel: "C2", user: "U1", command: "/recall", text: "roof" });
  const [, menu] = [second, slack.posts("C2", root).at(-1)?.ts ?? ""];
  await slack.press({
    channel: "C2",
    user: "U1",
    actionId: "threadkeeper_menu",
    value: "summary",
    messageTs: menu,
  });
  expect(accepted.inbounds.slice(-2)).toMatchObject([
    { kind: "commanded", conversation: "slack:T1:C1" },
    { kind: "pressed", conversation: first.conversation, value: "summary" },
  ]);
});

test("renamings work in any order, twice, in reverse, on other replicas and after a restart", async () => {
  const renamings = new ListedRenamings();
  await using bench = await openSlackBench({ renamings });
  const { slack } = bench;
  await bench.join();
  const first = await say(bench, "C1");
  const root = first.message.id;
  const placeIn = async (channel: string): Promise<readonly string[]> => {
    // Slack delivers to each replica in turn.
    const said = [await say(bench, channel, root), await say(bench, channel, root)];
    return [...new Set(said.map(({ place }) => place))];
  };
  await slack.rename("C1", "C2");
  await slack.deliveries.redeliver();
  await slack.rename("C2", "C3");
  expect(await placeIn("C3")).toEqual(["T1:C1"]);
  await slack.rename("C3", "C1");
  expect(await placeIn("C1")).toEqual(["T1:C1"]);
  const inThread = slack.messages.thread("C1", root).length;
  await bench.platform.createPost(first.replyTo, post, signal);
  expect(slack.messages.thread("C1", root)).toHaveLength(inThread + 1);

  const later = new ListedRenamings();
  later.listed.push(
    { before: "C5", after: "C6" },
    { before: "C4", after: "C5" },
    { before: "C6", after: "C6" },
  );
  await using other = await openSlackBench({ renamings: later });
  expect((await say(other, "C6")).place).toBe("T1:C4");
});

test("a renaming that can't be stored is delivered again", async () => {
  const renamings = new ListedRenamings();
  await using bench = await openSlackBench({ renamings });
  const { slack } = bench;
  const { message } = await say(bench, "C1");
  renamings.isAway = true;
  expect((await slack.rename("C1", "C2")).isAcked).toBe(false);
  renamings.isAway = false;
  await slack.deliveries.redeliver();
  expect((await say(bench, "C2", message.id)).place).toBe("T1:C1");
});

test("messages stored under the new id before its event can still be edited and deleted", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const early = await say(bench, "C2");
  await slack.rename("C1", "C2");
  await slack.delete("C2", early.message.id);
  // Once: an edit that calls the bot would be answered twice otherwise.
  expect(accepted.inbounds.slice(1)).toMatchObject([
    { kind: "deleted", conversation: early.conversation, place: "T1:C2" },
  ]);
});

test("a thread that began under the new id before its event continues there", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  const old = await say(bench, "C1");
  const early = await say(bench, "C2");
  const root = early.message.id;
  await slack.rename("C1", "C2");
  const next = await say(bench, "C2", root);
  expect(next).toMatchObject({ conversation: early.conversation, place: "T1:C2", addressing: "open" });
  expect(await say(bench, "C2", old.message.id)).toMatchObject({ conversation: old.conversation });
  await slack.edit("C2", next.message.id, "hello again");
  await slack.press({
    channel: "C2",
    user: "U1",
    actionId: "threadkeeper_menu",
    value: "summary",
    messageTs: root,
  });
  const changes = accepted.inbounds.filter(({ kind }) => kind !== "said");
  expect(changes.map(({ kind, conversation }) => ({ kind, conversation }))).toEqual([
    { kind: "edited", conversation: early.conversation },
    { kind: "pressed", conversation: early.conversation },
  ]);
  accepted.isArchiveAway = true;
  expect((await say(bench, "C2", root)).conversation).toBe(early.conversation);
});

test("missed messages of a renamed channel are read once, under the id of their thread", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const old = await say(bench, "C1");
  const early = await say(bench, "C2");
  await slack.rename("C1", "C2");
  const write = (threadTs?: string) =>
    slack.write({
      channel: "C2",
      user: "U1",
      text: "unheard",
      ...(threadTs === undefined ? {} : { threadTs }),
    });
  const follow = write(early.message.id);
  write(old.message.id);
  const called = slack.write({ channel: "C2", user: "U1", text: "well?", mention: true });
  const missed = async ({ place, conversation, message }: Said) => {
    const conversations = [{ conversation, lastMessage: message.id }];
    return (await platform.fetchMissed({ place, conversations }, signal)).map((each) => [
      each.message.id,
      each.conversation,
    ]);
  };
  const again = (await missed(old)).filter(([, conversation]) => conversation !== old.conversation);
  expect(again).toEqual([[called.ts, `slack:T1:C1:${called.ts}`]]);
  expect(await missed(early)).toEqual([[follow.ts, early.conversation]]);
});

test("calls under way during a renaming succeed, also when another replica gets the event", async () => {
  const renamings = new ListedRenamings();
  await using bench = await openSlackBench({ renamings });
  const { slack, platform } = bench;
  const { replyTo, message } = await say(bench, "C1");
  // Slack's event comes later, and to another replica.
  slack.messages.move("C1", "C2");
  slack.refuse("C1", "channel_not_found");
  const created = platform.createPost(replyTo, post, signal);
  await expect.poll(() => slack.calls("chat.postMessage").length).toBe(1);
  renamings.listed.push({ before: "C1", after: "C2" });
  await created;
  expect(slack.posts("C2", message.id).map(({ text }) => text)).toEqual(["One"]);
});

test("deletions are accepted while the archive is unavailable, in renamed channels and in others", async () => {
  await using bench = await openSlackBench();
  const { slack, accepted } = bench;
  await slack.rename("C1", "C2");
  const old = ["C2", "C5"].map((channel) => slack.write({ channel, user: "U1", text: "of long ago" }));
  accepted.isArchiveAway = true;
  await slack.delete("C2", old[0]?.ts ?? "");
  await slack.delete("C5", old[1]?.ts ?? "");
  // Under both ids: the archive decides later which one has the message.
  expect(accepted.inbounds.map(({ kind, place }) => `${kind} ${place}`)).toEqual([
    "deleted T1:C2",
    "deleted T1:C1",
    "deleted T1:C5",
  ]);
});
