import { expect, onTestFinished, test, vi } from "vitest";

import { PlatformError } from "../../../src/ports/platform-error.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, edited, said, stopped } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const failed = "a turn failed and will be tried again";

/** A model that says nothing, or begins, until it is interrupted or let go. */
function waitingModel(beginning?: string) {
  const { promise: free, resolve: letGo } = Promise.withResolvers<void>();
  let interrupted = 0;
  const model = new ScriptedModel(async function* (prompt, signal) {
    if (beginning !== undefined) yield beginning;
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    if (!signal.aborted) await Promise.race([free, aborted]);
    if (signal.aborted) interrupted += 1;
    signal.throwIfAborted();
    yield `Answer to ${prompt.messages.at(-1)?.text}`;
  });
  return { model, letGo, interrupted: () => interrupted };
}

/** A platform whose first creation waits until it is told how to end. */
function waitingPlatform() {
  const platform = new FakePlatform({ placeholder: "…" });
  const { promise: creating, resolve: create, reject: refuse } = Promise.withResolvers<void>();
  let creations = 0;
  platform.before = (what) => {
    if (what !== "create") return undefined;
    creations += 1;
    return creations === 1 ? creating : undefined;
  };
  return { platform, create, refuse, creations: () => creations };
}

/** A bot whose model is asked while its first post is being created. */
async function begin(beginning?: string) {
  const folder = temporaryFolder();
  const waiting = { ...waitingModel(beginning), ...waitingPlatform() };
  const core = await openCoreBench({
    dataDir: folder.path,
    platform: waiting.platform,
    model: waiting.model,
  });
  onTestFinished(async () => {
    waiting.create();
    waiting.letGo();
    await core[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  await core.accept(said("a", "hello"));
  await expect.poll(() => waiting.model.prompts, patiently).toHaveLength(1);
  await expect.poll(waiting.creations, patiently).toBe(1);
  const failures = () => core.log.lines.filter(({ message }) => message === failed);
  return { ...waiting, core, failures };
}

test("a model that says nothing is not waited for once the first post is refused", async () => {
  const { core, model, refuse, platform, interrupted } = await begin();
  refuse(new PlatformError("forbidden", "The channel is archived", { closed: "archived" }));
  await expect.poll(interrupted, patiently).toBe(1);
  await core.whenIdle();
  expect(model.prompts).toHaveLength(1);
  expect([platform.shown, platform.told]).toMatchObject([[], { length: 1 }]);
});

test("the time to save what a stopped answer has cost begins when its first post is there", async () => {
  const { core, create, platform, interrupted, failures } = await begin();
  const timeout = vi.spyOn(AbortSignal, "timeout");
  onTestFinished(() => timeout.mockRestore());
  await core.accept(stopped());
  await expect.poll(interrupted, patiently).toBe(1);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(timeout).not.toHaveBeenCalled();
  create();
  await core.whenIdle();
  expect(timeout).toHaveBeenCalled();
  expect(failures()).toEqual([]);
  expect(platform.shown).toEqual(["*(Stopped.)*"]);
});

test.each(["unreachable", "rate-limited", "forbidden"] as const)(
  "a stop counts although the first post of the answer is refused as %s",
  async (kind) => {
    const { core, refuse, platform, model, interrupted, failures } = await begin();
    await core.accept(stopped());
    await expect.poll(interrupted, patiently).toBe(1);
    refuse(new PlatformError(kind, "no"));
    await core.whenIdle();
    expect(failures()).toEqual([]);
    expect(platform.shown).toEqual(["*(Stopped.)*"]);
    expect([platform.told, model.prompts]).toMatchObject([[], { length: 1 }]);
  },
);

const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const changes = {
  stopped: { inbound: () => stopped(), shown: [like(/^(So far\n\n)?\*\(Stopped.*\)\*$/u)] },
  edited: { inbound: () => edited("a", "hi"), shown: [like(/^(So far)?Answer to Ada: hi$/u)] },
  deleted: { inbound: () => deleted("a"), shown: [] },
  reset: { inbound: () => command("reset"), shown: [] },
  nothing: { inbound: undefined, shown: [like(/^(So far)?Answer to Ada: hello$/u)] },
} as const;
const names = ["stopped", "edited", "deleted", "reset", "nothing"] as const;
const ends = ["created", "lost", "unreachable", "rate-limited"] as const;

const cases = [undefined, "So far"].flatMap((beginning) =>
  ends.flatMap((end) => names.map((change) => ({ beginning, end, change }))),
);

test.each(cases)(
  "there is one post at most, with the right text: $change, first post $end, model said $beginning",
  async ({ beginning, end, change }) => {
    const { core, create, refuse, platform, letGo } = await begin(beginning);
    const { inbound, shown } = changes[change];
    if (inbound !== undefined) await core.accept(inbound());
    if (end === "created" || end === "lost") {
      let isLost = end === "lost";
      platform.afterCreate = () => {
        if (!isLost) return;
        isLost = false;
        throw new PlatformError("unreachable", "no answer");
      };
      create();
    } else refuse(new PlatformError(end, "no"));
    letGo();
    await core.whenIdle();
    expect(platform.shown).toEqual(shown);
    expect(platform.posts.length).toBeLessThanOrEqual(1);
  },
);
