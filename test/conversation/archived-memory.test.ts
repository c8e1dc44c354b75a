import { expect, test } from "vitest";

import { ArchivedMemory } from "../../src/conversation/archive/archived-memory.ts";
import { MemoryLedger } from "../support/core/memory-ledger.ts";
import { memoryOf } from "../support/core/memory-of.ts";

const signal = AbortSignal.timeout(600_000);

test("what was compared with the archive while the hot store went away and came back is compared again", async () => {
  let asked = 0;
  let during = (): void => undefined;
  const ledger = new MemoryLedger();
  const archive = Object.assign(new MemoryLedger(), {
    known: async () => {
      asked += 1;
      during();
      return undefined;
    },
  });
  const recollection = memoryOf("fake:room:1", {});
  const hot = { recall: async () => ({ recollection }) };
  const memory = new ArchivedMemory({ memory: hot, ledger, archive, countTokens: () => 1 });
  during = () => memory.distrust();
  await memory.recall("fake:room:1", signal);
  during = () => undefined;
  await memory.recall("fake:room:1", signal);
  expect(asked).toBe(2);
  await memory.recall("fake:room:1", signal);
  expect(asked).toBe(2);
});
