import { describe, expect, test } from "vitest";

import { commandRunners } from "../../../src/commands/all-commands.ts";
import { answerActions } from "../../../src/conversation/reply/answer-actions.ts";
import type { ShownReply } from "../../../src/domain/reply-actions.ts";
import { markCut } from "../../../src/domain/cut-answer.ts";
import { editIsNoCommand, placeholderText } from "../../../src/domain/fixed-notices.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const announcement = { role: "notice", text: "Reset.", turnId: "t1", answers: [] } as const;
const answer = { role: "bot", text: "Forty-two.", turnId: "t1", answers: ["q"] } as const;

const lines = (commands = commandRunners): readonly (string | undefined)[] =>
  answerActions(commands, announcement).map(({ value }) => value);

const buttons = (reply: ShownReply): readonly string[] =>
  answerActions(new Map(), reply).map(({ id, label, on }) => `${label}: ${id} ${on}`);

describe("the buttons under an answer", () => {
  test("are its own buttons, which name its turn", () => {
    const rest = ["Regenerate: regenerate t1", "👍: thumbs-up t1", "👎: thumbs-down t1"];
    expect(buttons(answer)).toEqual(rest);
    const cut = { ...answer, text: markCut("Forty", "length") };
    expect(buttons(cut)).toEqual(["Continue: continue t1", ...rest]);
    expect(buttons({ ...answer, role: "notice" })).toEqual(["Try again: regenerate t1"]);
  });

  test("are none under what answers no question, or waits for another answer", () => {
    expect(buttons(announcement)).toEqual([]);
    for (const text of [placeholderText, editIsNoCommand])
      expect(buttons({ ...answer, role: "notice", text })).toEqual([]);
    const { turnId: _, ...ofOlderVersion } = answer;
    expect(buttons(ofOlderVersion)).toEqual([]);
  });

  test("are the commands that need no argument, at most five", () => {
    expect(lines()).toEqual(["reset", "summary", "memory", "forget this", "export"]);
    expect(answerActions(commandRunners, announcement)[3]).toEqual({
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
    const offers = platform.posts.map(({ post }) => post.actions?.map(({ id }) => id) ?? []);
    const menu = Array.from({ length: 5 }, () => "give-command");
    const last = ["regenerate", "thumbs-up", "thumbs-down", ...menu];
    expect(offers).toEqual([...offers.slice(1).map(() => []), last]);
    expect(offers.length).toBeGreaterThan(1);
  });

  test("are one button under a notice", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    const model = new ScriptedModel(() => {
      throw new ModelError("refused", "No");
    });
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "tell me a story"));
    await core.whenIdle();
    const offers = platform.posts.map(({ post }) => post.actions?.flatMap(({ id, on }) => (on ? [id] : [])));
    expect(offers).toEqual([["regenerate"]]);
  });
});
