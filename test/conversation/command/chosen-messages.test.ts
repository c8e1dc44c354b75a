import { expect, test } from "vitest";

import { chosenMessagesIn } from "../../../src/conversation/command/chosen-messages.ts";
import { eraseKept } from "../../../src/conversation/command/keep-in-private.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { InMemoryFiles } from "../../support/core/in-memory-files.ts";
import { said } from "../../support/core/inbounds.ts";

const never = new AbortController().signal;
const hourMs = 60 * 60_000;

/** Cat has chosen a message of Bob. */
async function openChosen(cutoffs: ReadonlyMap<string, number> = new Map()) {
  const clock = { ms: 1_000, nowMs: () => clock.ms, sleep: async () => undefined };
  const files = new InMemoryFiles(clock);
  const erasureRequests = { cutoffs: async () => cutoffs };
  const chosen = chosenMessagesIn({ files, clock, ids: randomIds, erasureRequests });
  const message = said("m", "the code is swordfish", { by: "bob", conversation: "fake:other:7" });
  const kept = await chosen.keep({ said: message, asker: "cat" }, never);
  const id = kept ?? "";
  const { platform, conversation } = message;
  const find = (asker = "cat") => chosen.find({ platform, conversation, id }, asker, never);
  return { clock, files, kept, message, conversation, platform, find };
}

test("a chosen message is found whole by who chose it, within an hour", async () => {
  const { clock, files, message, find } = await openChosen();
  expect(await find()).toEqual(message);
  expect(await find("eve")).toBe(undefined);
  const stored = [...files.contents.values()].map(({ bytes }) => bytes.toString());
  expect(stored.join()).not.toContain("swordfish");
  clock.ms += hourMs;
  expect(await find()).toBe(undefined);
});

test.each(["bob", "cat"])("a chosen message goes when %s wants to be forgotten", async (author) => {
  const { clock, files, platform, find } = await openChosen();
  await eraseKept(files, { platform, author: "dan", beforeMs: clock.ms + 1 }, never);
  expect(await find()).toBeDefined();
  await eraseKept(files, { platform, author, beforeMs: clock.ms + 1 }, never);
  expect(await find()).toBe(undefined);
});

test("a chosen message goes with a deletion or an edit in its conversation", async () => {
  for (const kind of ["message", "edited"] as const) {
    const { files, conversation, find } = await openChosen();
    await files.erase(conversation, [{ revision: 1, kind, message: "m" }], never);
    expect(await find()).toBe(undefined);
  }
});

test("nothing is kept of a person who wants to be forgotten while it is being kept", async () => {
  const earlier = await openChosen(new Map([["bob", 999]]));
  expect(earlier.kept).toBeDefined();
  const { kept, files } = await openChosen(new Map([["bob", 1_000]]));
  expect(kept).toBe(undefined);
  expect([...files.contents.values()]).toEqual([]);
});
