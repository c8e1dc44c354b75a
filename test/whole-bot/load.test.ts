import { describe, expect, test } from "vitest";

import { runLoad } from "../support/load.ts";
import { openDiscordStage } from "../support/stages/discord-stage.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";

const clean = { lost: 0, doubled: 0, outOfOrder: 0, crossTalk: 0 };

describe("a crowd that does not wait for answers", () => {
  test.each([
    ["Slack", () => openSlackStage("http"), { rooms: 100, messages: 5 }],
    ["the web chat", openWebStage, { rooms: 100, messages: 5 }],
    ["Discord", openDiscordStage, { rooms: 10, messages: 4 }],
  ] as const)(
    "on %s gets every message into exactly one finished turn, in order, without cross-talk",
    async (_name, openStage, crowd) => {
      const report = await runLoad(openStage, crowd);
      expect(report).toMatchObject({ ...clean, messages: crowd.rooms * crowd.messages });
      expect(report.turns).toBeGreaterThanOrEqual(crowd.rooms);
    },
    300_000,
  );
});
