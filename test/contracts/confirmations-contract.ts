import { expect, test } from "vitest";

import type { PendingConfirmation } from "../../src/domain/conversation-memory.ts";
import type { Confirmations } from "../../src/ports/confirmations.ts";

const { signal } = new AbortController();

function question(by: string, more: Partial<PendingConfirmation> = {}): PendingConfirmation {
  return { by, name: "forget", argument: "me yes", atMs: Date.now(), ...more };
}

/** The contract of the open questions of commands. The store begins empty. */
export function confirmationsContract(
  open: () => Promise<{ readonly confirmations: Confirmations } & AsyncDisposable>,
): void {
  test("finds the last question to a person on a platform, until it is dropped", async () => {
    await using opened = await open();
    const { confirmations } = opened;
    await confirmations.put("fake", question("ada"), signal);
    const last = question("ada", { name: "recall", argument: "“roof” garden", atMs: Date.now() + 1 });
    await confirmations.put("fake", last, signal);
    await confirmations.put("fake", question("bob"), signal);
    expect(await confirmations.find("fake", "ada", signal)).toEqual(last);
    expect(await confirmations.find("other", "ada", signal)).toBe(undefined);
    await confirmations.drop("fake", "ada", signal);
    await confirmations.drop("fake", "ada", signal);
    expect(await confirmations.find("fake", "ada", signal)).toBe(undefined);
    expect(await confirmations.find("fake", "bob", signal)).toMatchObject({ by: "bob" });
  });
}
