import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { FakeImageMaker } from "../support/core/fake-image-maker.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { InMemoryFiles } from "../support/core/in-memory-files.ts";
import { openSqliteHotStore } from "../support/core/hot-store.ts";
import { said } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { signal } = new AbortController();

/** Stores, an archive and a platform that outlive the processes over them. */
async function openWorld() {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openSqliteHotStore());
  opened.defer(async () => void (await hot.lose()));
  const folder = opened.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const archive = opened.use(await openThreadlessArchive(folder.path, new RecordingLog()));
  const platform = new FakePlatform();
  platform.isOurPage = true;
  const clock = new HandClock();
  const files = new InMemoryFiles(clock);
  const imageMaker = new FakeImageMaker();
  const model = new ScriptedModel(async function* () {
    yield "Here.";
  });
  model.calls = ({ tools = [], calls = [], messages }) => {
    const description = `a fox for ${messages.at(-1)?.text ?? ""}`;
    return calls.length > 0 || tools.length === 0
      ? []
      : [{ id: "1", name: "make_image", argument: JSON.stringify({ description }) }];
  };
  const ports = { stores: hot.stores, archive, platform, model, imageMaker, files, clock };
  return {
    platform,
    files,
    imageMaker,
    start: (diesBefore?: number) => openKillableCore(ports, diesBefore),
    remembered: async (conversation: ConversationKey) =>
      (await hot.stores.memories.read(conversation, signal)).memory?.messages ?? [],
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe.each([
  ["the command", (name: string) => `/imagine a fox for ${name}`],
  ["the model", (name: string) => `draw for ${name}`],
])("an image of %s", (_, textOf) => {
  test("is shown and kept once, wherever the process is killed, and made again only if it was not saved", async () => {
    await using world = await openWorld();
    for (let step = 0; ; step += 1) {
      const name = `r${step}`;
      const conversation: ConversationKey = `fake:room:${name}`;
      const question = said(`${name}-q`, textOf(name), { conversation });
      const dying = world.start(step);
      const isWhole = (await dying.accept(question)) && (await dying.settle());
      const next = world.start();
      await next.accept(question);
      await next.settle();
      await next.sweep([conversation]);
      await next.settle();
      const replies = (await world.remembered(conversation)).filter(({ role }) => role === "bot");
      const shown = world.platform.posts.filter(
        ({ post, isDeleted }) => !isDeleted && post.covers.includes(`${name}-q`),
      );
      const kept = [...world.files.links.values()].filter(
        ({ conversation: of, untilMs }) => of === conversation && untilMs === undefined,
      );
      const made = world.imageMaker.prompts.filter((prompt) => prompt.endsWith(` ${name}`));
      const saved = dying.calls.indexOf("journal.save", dying.calls.indexOf("files.link"));
      const wasSaved = dying.calls.includes("files.link") && saved >= 0;
      expect({
        where: [dying.calls.length, dying.calls.at(-1)],
        remembered: replies.flatMap(({ attachments }) => attachments.map((file) => file.name)),
        shown: shown.flatMap(({ post }) => post.files ?? []).length,
        kept: kept.length,
        isMadeOnce: made.length === 1 || (!wasSaved && made.length === 2),
      }).toEqual({
        where: [dying.calls.length, dying.calls.at(-1)],
        remembered: ["image-1.png"],
        shown: 1,
        kept: 1,
        isMadeOnce: true,
      });
      if (isWhole) return;
    }
  });
});
