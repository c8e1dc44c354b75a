import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Right } from "../../../src/domain/rights.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";

const signal = AbortSignal.timeout(600_000);

/** Ada is a member, Bo an admin, Gil a guest; none of them is in a channel unless it says so. */
async function openWorkspace(): Promise<SlackBench> {
  const bench = await openSlackBench();
  const { slack } = bench;
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bo", { isAdmin: true });
  slack.addPerson("U3", "Gil", { isGuest: true });
  slack.addChannel("C7", { members: ["UBOT", "U2"] });
  slack.addChannel("C8", { members: ["UBOT", "U1"], isPrivate: true });
  slack.addChannel("C9", { members: ["UBOT", ...Array.from({ length: 1_100 }, (_, n) => `UX${n}`)] });
  return bench;
}

async function rightsOf(bench: SlackBench, user: string, channel: string, hasWritten = false) {
  const conversation: ConversationKey = `slack:T1:${channel}:1.000001`;
  const where = { conversation, place: `T1:${channel}`, hasWritten, isSpeaker: false };
  const rights: Right[] = [];
  for (const right of ["read", "write", "moderate"] as const)
    if (await bench.platform.hasRight(`T1:${user}`, right, where, signal)) rights.push(right);
  return rights;
}

test.each([
  ["a public channel that it is in", "C7", true],
  ["a public channel that it is not in", "C5", false],
  ["a private channel that it is not in", "C6", false],
])("the bot tells whether it is in %s", async (_, channel, isIn) => {
  await using bench = await openWorkspace();
  bench.slack.addChannel("C5", { members: ["U1"] });
  bench.slack.addChannel("C6", { members: ["U1"], isPrivate: true });
  expect(await bench.platform.isIn(`T1:${channel}`, signal)).toBe(isIn);
});

describe("the rights of a person in a channel", () => {
  test.each([
    ["a full member, in a public channel that they are not in", "U1", "C7", ["read"]],
    ["a full member, in a private channel that they are in", "U1", "C8", ["read", "write"]],
    ["an admin, in a channel that they are in", "U2", "C7", ["read", "write", "moderate"]],
    ["an admin, in a private channel that they are not in", "U2", "C8", []],
    ["a guest, in a public channel that they are not in", "U3", "C7", []],
    ["a guest, in a private channel that they are not in", "U3", "C8", []],
    ["a full member, in a channel too large to be listed", "U1", "C9", ["read", "write"]],
    ["a guest, in a channel too large to be listed", "U3", "C9", []],
    ["a person in a DM", "U1", "D1", ["read", "write", "moderate"]],
  ])("of %s", async (_, user, channel, rights) => {
    await using bench = await openWorkspace();
    expect(await rightsOf(bench, user, channel)).toEqual(rights);
  });

  test("a person who has written there may read and write, without a call to Slack", async () => {
    await using bench = await openWorkspace();
    const where = {
      conversation: "slack:T1:C8:1.000001",
      place: "T1:C8",
      hasWritten: true,
      isSpeaker: false,
    } as const;
    const before = bench.slack.calls().length;
    expect(await bench.platform.hasRight("T1:U3", "read", where, signal)).toBe(true);
    expect(await bench.platform.hasRight("T1:U3", "write", where, signal)).toBe(true);
    expect(bench.slack.calls()).toHaveLength(before);
    expect(await bench.platform.hasRight("T1:U3", "moderate", where, signal)).toBe(false);
  });

  test("people of another workspace have no rights", async () => {
    await using bench = await openWorkspace();
    const where = {
      conversation: "slack:T1:C7:1.000001",
      place: "T1:C7",
      hasWritten: false,
      isSpeaker: false,
    } as const;
    expect(await bench.platform.hasRight("T2:U2", "read", where, signal)).toBe(false);
  });
});

test("without the scope to list members, people who have written there keep their rights", async () => {
  await using bench = await openSlackBench();
  const where = { conversation: "slack:T1:C5:1.000001", place: "T1:C5", hasWritten: false } as const;
  expect(await bench.platform.hasRight("T1:U1", "write", { ...where, isSpeaker: true }, signal)).toBe(true);
  const asked = bench.platform.hasRight("T1:U1", "write", { ...where, isSpeaker: false }, signal);
  await expect(asked).rejects.toMatchObject({ name: "PlatformError" });
});
