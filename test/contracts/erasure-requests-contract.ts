import { expect, test } from "vitest";

import type { ErasureRequest, ErasureRequests } from "../../src/ports/erasure-requests.ts";

const { signal } = new AbortController();
const patiently = { timeout: 60_000, interval: 5 };
const long = 600_000;

function asked(id: string, more: Partial<ErasureRequest> = {}): ErasureRequest {
  return {
    id,
    platform: "fake",
    author: "ada",
    beforeMs: 1_000,
    receipt: {
      conversation: "fake:room:1",
      replyTo: { platform: "fake", target: { room: "1", token: `secret ${id}` }, expiresAtMs: 9 },
    },
    ...more,
  };
}

/** The contract of erasure requests. The store begins empty. */
export function erasureRequestsContract(
  open: () => Promise<{ readonly erasureRequests: ErasureRequests } & AsyncDisposable>,
): void {
  test("returns each request once, complete and in order", async () => {
    await using opened = await open();
    const { erasureRequests } = opened;
    expect(await erasureRequests.claimNext(long, signal)).toBeUndefined();
    await erasureRequests.begin(asked("z"), signal);
    const beforeMs = Date.now();
    await expect.poll(() => Date.now(), patiently).toBeGreaterThan(beforeMs);
    await erasureRequests.begin(asked("a", { author: "__proto__", beforeMs: 2_000 }), signal);
    const given = await Promise.all([1, 2, 3].map(() => erasureRequests.claimNext(long, signal)));
    expect(given.filter((each) => each !== undefined)).toEqual([
      asked("z"),
      asked("a", { author: "__proto__", beforeMs: 2_000 }),
    ]);
  });

  test("returns a request again if it is not settled in the hold time", async () => {
    await using opened = await open();
    await opened.erasureRequests.begin(asked("f1"), signal);
    expect(await opened.erasureRequests.claimNext(50, signal)).toEqual(asked("f1"));
    await expect.poll(() => opened.erasureRequests.claimNext(50, signal), patiently).toEqual(asked("f1"));
  });

  test("extends a hold, and returns the request again at once when the hold ends", async () => {
    await using opened = await open();
    const { erasureRequests } = opened;
    await erasureRequests.begin(asked("f1"), signal);
    await erasureRequests.claimNext(300, signal);
    await erasureRequests.hold("f1", long, signal);
    const heldMs = Date.now();
    await expect.poll(() => Date.now(), patiently).toBeGreaterThan(heldMs + 300);
    expect(await erasureRequests.claimNext(1, signal)).toBeUndefined();
    // Longer than the maximum hold, which applies instead.
    await erasureRequests.hold("f1", 365 * 24 * long, signal);
    expect(await erasureRequests.claimNext(1, signal)).toBeUndefined();
    await erasureRequests.hold("f1", 0, signal);
    expect(await erasureRequests.claimNext(long, signal)).toEqual(asked("f1"));
  });

  test("keeps an owed receipt until it is delivered", async () => {
    await using opened = await open();
    const { erasureRequests } = opened;
    await erasureRequests.begin(asked("f1"), signal);
    const { receipt } = asked("f1");
    if (receipt === undefined) throw new Error("It wants a receipt");
    const owing = { ...receipt, owed: { text: "Done: ü", sinceMs: 7 } };
    await erasureRequests.saveReceipt("f1", owing, signal);
    expect(await erasureRequests.claimNext(1, signal)).toEqual(asked("f1", { receipt: owing }));
    await erasureRequests.markReceiptSent("f1", signal);
    await erasureRequests.saveReceipt("f1", receipt, signal);
    await erasureRequests.hold("f1", 0, signal);
    await erasureRequests.hold("never begun", 0, signal);
    expect(await erasureRequests.claimNext(1, signal)).toBeUndefined();
  });

  test("returns another request while the first is held", async () => {
    await using opened = await open();
    await opened.erasureRequests.begin(asked("f1"), signal);
    expect(await opened.erasureRequests.claimNext(long, signal)).toEqual(asked("f1"));
    await opened.erasureRequests.begin(asked("f2"), signal);
    expect(await opened.erasureRequests.claimNext(1, signal)).toEqual(asked("f2"));
  });

  test("no longer returns a settled request, and keeps its mark", async () => {
    await using opened = await open();
    const { erasureRequests } = opened;
    await erasureRequests.begin(asked("f1"), signal);
    await erasureRequests.claimNext(1, signal);
    await erasureRequests.markReceiptSent("f1", signal);
    await erasureRequests.markReceiptSent("f1", signal);
    await erasureRequests.markReceiptSent("never begun", signal);
    await erasureRequests.begin(asked("f1"), signal);
    expect(await erasureRequests.claimNext(1, signal)).toBeUndefined();
    expect(await erasureRequests.cutoffs("fake", ["ada"], signal)).toEqual(new Map([["ada", 1_000]]));
  });

  test("changes nothing if the same request begins again", async () => {
    await using opened = await open();
    const { erasureRequests } = opened;
    await erasureRequests.begin(asked("f1"), signal);
    await erasureRequests.begin(asked("f1", { author: "grace", beforeMs: 5_000 }), signal);
    expect(await erasureRequests.claimNext(long, signal)).toEqual(asked("f1"));
    expect(await erasureRequests.claimNext(long, signal)).toBeUndefined();
    expect(await erasureRequests.cutoffs("fake", ["ada", "grace"], signal)).toEqual(
      new Map([["ada", 1_000]]),
    );
  });

  test("keeps a request without a receipt as a mark only", async () => {
    await using opened = await open();
    const { receipt: _, ...silent } = asked("f1");
    await opened.erasureRequests.begin(silent, signal);
    expect(await opened.erasureRequests.claimNext(1, signal)).toBeUndefined();
    expect(await opened.erasureRequests.cutoffs("fake", ["ada"], signal)).toEqual(new Map([["ada", 1_000]]));
  });

  test("returns each author's latest mark on the platform, and none for others", async () => {
    await using opened = await open();
    const { erasureRequests } = opened;
    await erasureRequests.begin(asked("f1", { beforeMs: 3_000 }), signal);
    await erasureRequests.begin(asked("f2", { beforeMs: 1_000 }), signal);
    await erasureRequests.begin(asked("f3", { author: "ada:1", beforeMs: 4_000 }), signal);
    await erasureRequests.begin(asked("f4", { platform: "other", beforeMs: 9_000 }), signal);
    const marks = await erasureRequests.cutoffs(
      "fake",
      ["grace", "ada", "ada:1", "ada", "__proto__"],
      signal,
    );
    expect(marks).toEqual(
      new Map([
        ["ada", 3_000],
        ["ada:1", 4_000],
      ]),
    );
    expect(await erasureRequests.cutoffs("fake", [], signal)).toEqual(new Map());
  });
}
