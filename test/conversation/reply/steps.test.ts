import { expect, test } from "vitest";

import type { Post } from "../../../src/domain/post.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { FakePlatform, type FakeLimits } from "../../support/core/fake-platform.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

/** Looks up "lease", and answers when the test lets it. */
function searchingModel(mayAnswer: Promise<void>): ScriptedModel {
  const model = new ScriptedModel(async function* () {
    await mayAnswer;
    yield "In March.";
  });
  model.calls = ({ tools = [], calls = [] }) =>
    calls.length > 0 || tools.length === 0
      ? []
      : [{ id: "1", name: "recall", argument: '{"words":"lease"}' }];
  return model;
}

/** What is written of an answer for which something is looked up. */
async function writtenOn(limits: FakeLimits) {
  const platform = new FakePlatform(limits);
  const written: Pick<Post, "text" | "steps">[] = [];
  const shown = Promise.withResolvers<void>();
  if (limits.showsSteps !== true) shown.resolve();
  platform.before = (_what, post) => {
    if (post?.steps !== undefined) shown.resolve();
    if (post !== undefined)
      written.push({ text: post.text, ...(post.steps === undefined ? {} : { steps: post.steps }) });
  };
  await using bench = await openRealBench({ platform, model: searchingModel(shown.promise) });
  await bench.say("a", "when does the lease end?");
  expect(platform.posts.map(({ post }) => [post.text, post.steps])).toEqual([["In March.", undefined]]);
  return written;
}

test("a search is shown in the post until the answer begins, where the platform shows steps", async () => {
  expect((await writtenOn({ showsSteps: true }))[0]).toEqual({
    text: "",
    steps: [{ kind: "search", words: "lease" }],
  });
});

test("a platform that shows no steps gets no calls for them", async () => {
  expect((await writtenOn({})).filter(({ text, steps }) => text === "" || steps !== undefined)).toEqual([]);
});
