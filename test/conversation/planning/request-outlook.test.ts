import { expect, test } from "vitest";

import { commandsWith, runnersOf } from "../../../src/commands/all-commands.ts";
import { mute } from "../../../src/conversation/memory/muting.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import { requestOutlook } from "../../../src/conversation/planning/request-outlook.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { HandClock } from "../../support/core/hand-clock.ts";
import { said } from "../../support/core/inbounds.ts";

const conversation = "fake:room:1" as const;

test("in a muted conversation, an image that is ordered by text ends a wait for approval, and other calls don't", () => {
  const clock = new HandClock();
  const commands = runnersOf(commandsWith({ makesImages: true }));
  const platforms = new Map([["fake", new FakePlatform()]]);
  const ports = { platforms, commands, clock, replyMode: "thread", answerWithinMs: 3_600_000 } as const;
  const approval = { id: "r1", says: "", person: "ada", askedAtMs: 0, expiresAtMs: Infinity };
  const calls = [{ call: { id: "c1", name: "toy", argument: "{}" }, approval }];
  const turn = { id: "t1", conversation, attempt: 0, replyTo: { platform: "fake", target: {} }, posts: [] };
  const running = { ...turn, covers: ["e1"], rounds: [{ text: "", calls }] } as const;
  const muted = mute(emptyMemory(conversation, { platform: "fake", place: "room" }));
  const entry = (seq: number, text: string) => {
    const saidAtMs = clock.nowMs();
    return { id: `e${seq}`, seq, acceptedAtMs: saidAtMs, inbound: said(`m${seq}`, text, { saidAtMs }) };
  };
  const outlookOf = (text: string) =>
    requestOutlook(ports, { running, waiting: [entry(1, "write it down"), entry(2, text)] }, muted);
  expect(outlookOf("imagine a fox")).toBe("withdrawn");
  expect(outlookOf("are you there?")).toBe("open");
});
