import { describe, expect, test } from "vitest";

import { commandRunners } from "../../../src/commands/all-commands.ts";
import { answerActions } from "../../../src/conversation/reply/answer-actions.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const lines = (commands = commandRunners): readonly (string | undefined)[] =>
  answerActions(commands).map(({ value }) => value);

describe("the buttons under an answer", () => {
  test("are the commands that need no argument, at most five", () => {
    expect(lines()).toEqual(["reset", "summary", "memory", "forget this", "export"]);
    expect(answerActions(commandRunners)[3]).toEqual({
      id: "give-command",
      label: "Forget this",
      style: "menu",
      value: "forget this",
    });
  });

  test("leave out commands that the bot does not have", () => {
    const known = [...commandRunners].filter(([name]) => name === "summary" || name === "help");
    expect(lines(new Map(known))).toEqual(["summary"]);
  });

  test("stand under the last post of an answer only, once it is complete", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform({ postChars: 100, placeholder: "…" });
    const model = new ScriptedModel(async function* () {
      yield "one two three. ".repeat(20);
    });
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "tell me a long story"));
    await core.whenIdle();
    const offers = platform.posts.map(({ post }) => post.actions?.length ?? 0);
    expect(offers).toEqual([...offers.slice(1).map(() => 0), 5]);
    expect(offers.length).toBeGreaterThan(1);
  });
});
