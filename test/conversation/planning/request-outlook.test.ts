import { expect, test } from "vitest";

import { commandsWith, runnersOf } from "../../../src/commands/all-commands.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { mute } from "../../../src/conversation/memory/muting.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import { requestOutlook } from "../../../src/conversation/planning/request-outlook.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { HandClock } from "../../support/core/hand-clock.ts";
import { command, muteReaction, said } from "../../support/core/inbounds.ts";

const conversation = "fake:room:1" as const;

/** What the entries behind a wait for approval do to it. */
function outlookOf(memory: ConversationMemory, ...behind: readonly Inbound[]) {
  const clock = new HandClock();
  const commands = runnersOf(commandsWith({ makesImages: true }));
  const platforms = new Map([["fake", new FakePlatform()]]);
  const ports = { platforms, commands, clock, replyMode: "thread", answerWithinMs: 3_600_000 } as const;
  const approval = { id: "r1", says: "", person: "ada", askedAtMs: 0, expiresAtMs: Infinity };
  const calls = [{ call: { id: "c1", name: "toy", argument: "{}" }, approval }];
  const turn = { id: "t1", conversation, attempt: 0, replyTo: { platform: "fake", target: {} }, posts: [] };
  const running = { ...turn, covers: ["e0"], rounds: [{ text: "", calls }] } as const;
  const waiting = [say("m0", "write it down"), ...behind].map((inbound, seq) => {
    return { id: `e${seq}`, seq, acceptedAtMs: clock.nowMs(), inbound };
  });
  return requestOutlook(ports, { running, waiting }, memory);
}

const say = (id: string, text: string) => said(id, text, { saidAtMs: new HandClock().nowMs() });
const talking = emptyMemory(conversation, { platform: "fake", place: "room" });

test("in a muted conversation, an image that is ordered by text ends a wait for approval, and other calls don't", () => {
  expect(outlookOf(mute(talking), say("m1", "imagine a fox"))).toBe("withdrawn");
  expect(outlookOf(mute(talking), say("m1", "are you there?"))).toBe("open");
});

test("reactions end no wait for approval, and hide no call that does", () => {
  const reactions = [muteReaction("m0", "added"), muteReaction("m0", "removed")];
  expect(outlookOf(talking, ...reactions)).toBe("open");
  expect(outlookOf(talking, ...reactions, say("m1", "are you there?"))).toBe("withdrawn");
  expect(outlookOf(talking, command("mute"))).toBe("withdrawn");
});
