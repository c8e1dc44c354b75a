import { expect, test } from "vitest";

import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

const conversations = 120;

test("an erasure in many conversations runs in small batches, so that other people are answered in between", async () => {
  const waiting = new Set<ConversationKey>();
  let maxWaiting = 0;
  await using core = await openRealBench({
    stores: (real) => ({
      ...real,
      inbox: {
        ...real.inbox,
        accept: async (inbound, ...more) => {
          const outcome = await real.inbox.accept(inbound, ...more);
          if (inbound.kind === "forgot" && outcome === "stored") waiting.add(inbound.conversation);
          maxWaiting = Math.max(maxWaiting, waiting.size);
          return outcome;
        },
      },
      journal: {
        ...real.journal,
        finish: async (lease, ...more) => {
          waiting.delete(lease.conversation);
          return real.journal.finish(lease, ...more);
        },
      },
    }),
  });
  const keys = Array.from({ length: conversations }, (_, index): ConversationKey => `fake:room:${index}`);
  for (const conversation of keys)
    await core.say(`m-${conversation}`, "my secret is swordfish", { conversation });
  await core.file();
  await core.order("forget", "me yes");
  await core.rest();
  expect(core.platform.told.at(-1)).toMatch(/^Done\. .*from 120 conversations/u);
  for (const conversation of keys) expect(await core.known(conversation)).not.toContain("swordfish");
  expect(maxWaiting).toBeGreaterThan(0);
  expect(maxWaiting).toBeLessThanOrEqual(50);
});
