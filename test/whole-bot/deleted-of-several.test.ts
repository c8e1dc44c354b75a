import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { openDiscordStage } from "../support/stages/discord-stage.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark, type Stage } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const stages: readonly (readonly [string, () => Promise<Stage> | Stage])[] = [
  ["Slack", () => openSlackStage("http")],
  ["Discord", openDiscordStage],
  ["the web chat", openWebStage],
];

/** How many messages no finished turn covers yet. */
function waitingIn(dataDir: string): unknown {
  using database = new DatabaseSync(join(dataDir, "threadkeeper.sqlite"), { readOnly: true, timeout: 1_000 });
  return database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"];
}

test.each(stages)(
  "on %s, a question that shared its answer with a deleted one is answered again in the same post",
  async (_name, open) => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using stage = await open();
    await using bot = await startBot({ ...stage.settings, ...model.settings, DATA_DIR: folder.path });
    await stage.connect(bot);
    const room = stage.openRoom("ada");
    const whole = (): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));
    const letGo = model.holdUntilLetGo();
    await room.say("Hello there");
    await expect.poll(() => model.requests.length, patiently).toBe(1);
    await room.say("When does the harbor open");
    await room.say("And the swordfish market");
    await expect.poll(() => waitingIn(folder.path), patiently).toBe(3);
    model.letGo();
    letGo();
    await expect.poll(whole, patiently).toEqual([expect.anything(), expect.stringContaining("swordfish")]);
    expect(model.requests).toHaveLength(2);
    await room.deleteLast();
    await expect.poll(whole, patiently).toEqual([expect.anything(), expect.stringContaining("harbor open")]);
    expect(room.answers()).toHaveLength(2);
    await room.say("Thanks");
    await expect.poll(whole, patiently).toHaveLength(3);
    expect(JSON.stringify(model.requests.at(-1)?.messages)).not.toContain("swordfish");
    expect(model.requests).toHaveLength(4);
  },
);
