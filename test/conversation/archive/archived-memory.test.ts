import { expect, test } from "vitest";

import { ArchivedMemory } from "../../../src/conversation/archive/archived-memory.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { memoryOf } from "../../support/core/memory-of.ts";

const { signal } = new AbortController();

test("a memory is compared with the archive again if the hot store failed during the comparison", async () => {
  let asked = 0;
  let during = (): void => undefined;
  const archive = new InMemoryArchive();
  const archivedConversations = Object.assign(new InMemoryArchive(), {
    findConversation: async () => {
      asked += 1;
      during();
      return undefined;
    },
  });
  const memory = memoryOf("fake:room:1", {});
  const hot = { read: async () => ({ memory }) };
  const memories = new ArchivedMemory({
    memories: hot,
    archive,
    archivedConversations,
    countTokens: () => 1,
  });
  during = () => memories.recheck();
  await memories.read("fake:room:1", signal);
  during = () => undefined;
  await memories.read("fake:room:1", signal);
  expect(asked).toBe(2);
  await memories.read("fake:room:1", signal);
  expect(asked).toBe(2);
});
