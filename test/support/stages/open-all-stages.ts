import { startBot, type BotSettings } from "../bot-process.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { openDiscordStage } from "./discord-stage.ts";
import { startMarkedModel } from "./marked-model.ts";
import { openSlackStage } from "./slack-stage.ts";
import type { Stage } from "./stage.ts";
import { openWebStage } from "./web-stage.ts";

/** The names of the stages of `openAllStages`. */
export const stageNames = ["Slack", "Discord", "the web chat"] as const;

/** One bot on all platforms, with SQLite: its start takes longer than most tests. */
export async function openAllStages(more: BotSettings = {}) {
  await using opening = new AsyncDisposableStack();
  const dataDir = opening.use(temporaryFolder()).path;
  const model = opening.use(await startMarkedModel());
  const stages: Record<(typeof stageNames)[number], Stage> = {
    // Over HTTP, the web chat would be closed: others could reach the port.
    Slack: opening.use(await openSlackStage("socket")),
    Discord: opening.use(await openDiscordStage()),
    "the web chat": opening.use(openWebStage()),
  };
  const all = Object.values(stages);
  const found = Object.assign({}, ...all.map(({ settings }) => settings));
  const bot = opening.use(await startBot({ ...found, ...model.settings, DATA_DIR: dataDir, ...more }));
  for (const stage of all) await stage.connect(bot);
  const opened = opening.move();
  return { model, stages, dataDir, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
