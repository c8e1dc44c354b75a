import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { startRawServer, type RawRespond } from "../../support/openai/raw-server.ts";
import { hear, openModel, prompt } from "./open-model.ts";

const chunk = (delta: object, reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
const answer = chunk({ content: "On Friday." }, "stop");
const patience = { api: "chat", idleMs: 1_000, loadMs: 12_000 } as const;

describe("a server that loads its model first", () => {
  const starts: readonly (readonly [string, RawRespond, number])[] = [
    [
      "sends no headers while it loads",
      async (response) => {
        await pause(2_000);
        response.end(answer);
      },
      1,
    ],
    [
      "sends headers alone",
      async (response) => {
        response.flushHeaders();
        await pause(2_000);
        response.end(answer);
      },
      1,
    ],
    [
      "sends comments and pings while it loads",
      async (response) => {
        response.write(": loading\n\n");
        await pause(500);
        response.write("event: ping\ndata: {}\n\n");
        await pause(1_500);
        response.end(answer);
      },
      1,
    ],
    [
      "sends an empty event while it loads",
      async (response) => {
        response.write("event: ping\ndata: {}\n\n");
        await pause(2_000);
        response.end(answer);
      },
      1,
    ],
    [
      "begins with an empty chunk, and then reads the prompt",
      async (response) => {
        response.write(chunk({ role: "assistant", content: "" }));
        await pause(2_000);
        response.end(answer);
      },
      0,
    ],
  ];
  // Each waits for a server of its own.
  test.concurrent.each(starts)(
    "is waited for, and reported while it loads: it %s",
    async (_, respond, times) => {
      await using server = await startRawServer(respond);
      const heard = await hear(openModel(server, patience).model);
      expect(heard).toMatchObject({ text: "On Friday.", finished: [{ isCut: false }] });
      expect(heard.loading ?? 0).toBe(times);
      expect(server.requests()).toBe(1);
    },
  );

  test.concurrent("is not reported as loading where the provider keeps its models loaded", async () => {
    await using server = await startRawServer(async (response) => {
      await pause(2_000);
      response.end(answer);
    });
    const heard = await hear(openModel(server, { ...patience, preset: "openrouter" }).model);
    expect(heard).toMatchObject({ text: "On Friday." });
    expect(heard.loading).toBeUndefined();
  });

  test("is abandoned after its time, without another request", async () => {
    await using server = await startRawServer(() => undefined);
    const heard = await hear(openModel(server, { ...patience, idleMs: 300, loadMs: 600 }).model);
    expect(heard).toMatchObject({ error: { name: "ModelError", kind: "loading" }, loading: 1 });
    expect(server.requests()).toBe(1);
    await expect.poll(server.underWay).toBe(0);
  });

  test.concurrent("has the usual time limit once it has begun", async () => {
    await using server = await startRawServer((response) => {
      response.write(chunk({ reasoning_content: "Hm" }));
    });
    const heard = await hear(openModel(server, { ...patience, loadMs: 60_000 }).model);
    expect(heard).toMatchObject({ error: { kind: "stalled" } });
  });

  test("can be stopped while it loads", async () => {
    await using server = await startRawServer(() => undefined);
    const abort = new AbortController();
    const reason = new Error("stop pressed");
    const reading = (async () => {
      for await (const output of openModel(server, patience).model.answer(prompt, abort.signal)) {
        expect(output.kind).toBe("loading");
        abort.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    await expect.poll(server.underWay).toBe(0);
  });

  test("is disconnected when its reader leaves while it loads", async () => {
    await using server = await startRawServer(() => undefined);
    for await (const output of openModel(server, patience).model.answer(
      prompt,
      AbortSignal.timeout(600_000),
    )) {
      expect(output.kind).toBe("loading");
      break;
    }
    await expect.poll(server.underWay).toBe(0);
  });
});

describe("a stream that only closes", () => {
  const unmarked: RawRespond = (response) => {
    response.end(chunk({ content: "On Friday." }));
  };

  test("counts as broken at first, and as complete where the server never marks an end", async () => {
    await using server = await startRawServer(unmarked);
    const { model } = openModel(server, { api: "chat" });
    expect(await hear(model)).toMatchObject({ error: { kind: "cut-off" } });
    expect(await hear(model)).toMatchObject({ text: "On Friday.", finished: [{ isCut: false }] });
  });

  test("always counts as broken where the server has marked an end before", async () => {
    await using server = await startRawServer((response, request) =>
      request.number === 1 ? void response.end(answer) : unmarked(response, request),
    );
    const { model } = openModel(server, { api: "chat" });
    expect(await hear(model)).toMatchObject({ text: "On Friday." });
    for (let times = 0; times < 2; times += 1) {
      expect(await hear(model)).toMatchObject({ error: { kind: "cut-off" } });
    }
  });
});
