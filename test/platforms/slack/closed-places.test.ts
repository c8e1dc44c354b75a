import { expect, test } from "vitest";

import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { ask } from "../../support/slack/write-reply.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";

const signal = new AbortController().signal;
const post = { turn: "t1", part: 0, covers: [], text: "x", state: "done" } as const;

async function tell({ platform }: SlackBench, to: Awaited<ReturnType<typeof ask>>, message?: string) {
  const told = { text: "The channel is archived.", message: message ?? to.target["threadTs"] ?? "" };
  await platform.notifyUnanswered(to, told, signal);
}

test.each([
  ["is_archived", "gone", "archived"],
  ["restricted_action", "forbidden", "restricted"],
  ["restricted_action_thread_only_channel", "forbidden", "restricted"],
  ["restricted_action_of_next_year", "forbidden", "restricted"],
  ["restricted_action_thread_locked", "forbidden", "locked"],
  ["not_in_channel", "forbidden", "outside"],
  ["channel_not_found", "gone", "outside"],
  ["no_permission", "forbidden", "permission"],
  ["ekm_access_denied", "forbidden", "policy"],
  ["team_access_not_granted", "forbidden", "policy"],
  ["msg_too_long", "rejected", undefined],
  ["org_login_required", "unreachable", undefined],
])("%s says why a place accepts no posts", async (code, kind, closed) => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  slack.fail("chat.postMessage", { kind: "error", error: code }, 2);
  const refusal = await platform.createPost(to, post, signal).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PlatformError);
  expect(refusal).toMatchObject({ kind, closed });
});

test("the asker gets the reason next to their message, in its thread, in a DM, or by a reaction", async () => {
  await using bench = await openSlackBench();
  const { slack } = bench;
  const to = await ask(bench, "C1");
  const root = to.target["threadTs"] ?? "";
  await tell(bench, to);
  const reply = await slack.say({
    channel: "C1",
    user: "U1",
    text: "and now?",
    mention: true,
    threadTs: root,
  });
  await tell(bench, to, reply);
  // An ephemeral message in a thread without replies is invisible.
  expect(slack.whispers.map(({ threadTs }) => threadTs)).toEqual([undefined, root]);

  slack.refuse("C1", "is_archived");
  await tell(bench, to);
  expect(slack.messages.all.filter(({ channel }) => channel === "D1").map(({ text }) => text)).toEqual([
    "The channel is archived.",
  ]);
  slack.refuse("C1");
  slack.fail("chat.postEphemeral", { kind: "error", error: "restricted_action" });
  slack.fail("chat.postMessage", { kind: "error", error: "messages_tab_disabled" }, 1, "U1");
  await tell(bench, to, reply);
  expect(slack.messages.get("C1", reply)?.reactions).toEqual(["speak_no_evil"]);
  expect(slack.whispers).toHaveLength(2);
});

test("an app without the scope for reactions fails with the name of the scope", async () => {
  const scopes = ["chat:write", "app_mentions:read", "channels:history"];
  await using bench = await openSlackBench({ slack: { scopes } });
  const to = await ask(bench, "C1");
  bench.slack.fail("chat.postEphemeral", { kind: "error", error: "restricted_action" });
  bench.slack.fail("chat.postMessage", { kind: "error", error: "messages_tab_disabled" }, 1, "U1");
  await expect(tell(bench, to)).rejects.toThrow("missing_scope (it needs reactions:write)");
});
