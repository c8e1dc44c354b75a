import { describe, expect, test } from "vitest";

import { modelContract } from "../../contracts/model-contract.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { says, streams } from "../../support/openai/script.ts";
import { apis, hear, openModel, prompt } from "./open-model.ts";

describe.each(apis)("a model over %s", (api) => {
  modelContract(async () => {
    const standIn = await startOpenAiStandIn({
      respond: () =>
        streams(
          [{ say: "Hello" }, { waitMs: 20 }, { say: ", " }, { waitMs: 20 }, { say: "world" }],
          "complete",
        ),
    });
    const { model } = openModel(standIn, { api });
    return { model, [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose]() };
  });

  test("passes on the text, and the usage at the end", async () => {
    const usage = {
      promptTokens: 1_500,
      cachedTokens: 1_280,
      cacheWriteTokens: 200,
      replyTokens: 12,
      reasoningTokens: 7,
    };
    await using standIn = await startOpenAiStandIn({
      respond: () => ({
        ...says("On ", "Friday", "."),
        usage,
      }),
    });
    const { pieces: _pieces, ...heard } = await hear(openModel(standIn, { api }).model);
    expect(heard).toEqual({
      text: "On Friday.",
      called: [],
      finished: [
        {
          kind: "finished",
          isCut: false,
          usage,
        },
      ],
    });
  });

  test("shows a piece before the next one is written", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using standIn = await startOpenAiStandIn({
      respond: () => streams([{ say: "one" }, { hold: promise }, { say: " two" }], "complete"),
    });
    const seen: string[] = [];
    for await (const output of openModel(standIn, { api }).model.answer(
      prompt,
      AbortSignal.timeout(600_000),
    )) {
      seen.push(output.kind === "piece" ? output.text : "end");
      // Nothing more comes until the first piece has arrived here.
      resolve();
    }
    expect(seen).toEqual(["one", " two", "end"]);
  });

  test("sends the same beginning turn after turn, which the provider caches", async () => {
    await using standIn = await startOpenAiStandIn();
    const { model } = openModel(standIn, { api });
    const signal = AbortSignal.timeout(600_000);
    const longer = {
      ...prompt,
      messages: [...prompt.messages, { role: "bot", content: "Friday." } as const],
    };
    await hear(model, signal, prompt);
    await hear(model, signal, longer);
    const [first, second] = standIn.requests;
    expect(second?.messages.slice(0, 3)).toEqual(first?.messages);
    expect(second?.instructions).toBe(first?.instructions);
    expect(second?.cacheKey).toBe(first?.cacheKey);
  });

  test("joins characters whose bytes arrive one by one", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => streams([{ sayByteByByte: "naïve 🧵 נחמד" }], "complete"),
    });
    expect((await hear(openModel(standIn, { api }).model)).text).toBe("naïve 🧵 נחמד");
  });

  test("holds white space at the beginning back until visible text follows", async () => {
    await using standIn = await startOpenAiStandIn({ respond: () => says("\n", " ", "Yes", "\n") });
    const { pieces, text } = await hear(openModel(standIn, { api }).model);
    expect(text).toBe("\n Yes\n");
    expect(pieces[0]).toMatch(/^\n Yes/u);
  });

  test("marks an answer that ran into its length limit", async () => {
    await using standIn = await startOpenAiStandIn({
      respond: () => streams([{ say: "Once upon" }], "max-output-tokens"),
    });
    const heard = await hear(openModel(standIn, { api }).model);
    expect(heard.text).toBe("Once upon");
    expect(heard.finished).toMatchObject([{ isCut: true }]);
    expect(standIn.requests).toHaveLength(1);
  });

  test("keeps its connection for the next question", async () => {
    await using standIn = await startOpenAiStandIn();
    const { model } = openModel(standIn, { api });
    for (let question = 0; question < 5; question += 1) await hear(model);
    expect(standIn.requests).toHaveLength(5);
    expect(standIn.connections()).toBeLessThan(5);
  });

  test("gives many concurrent answers without mixing them up", async () => {
    await using standIn = await startOpenAiStandIn();
    const { model } = openModel(standIn, { api });
    const signal = AbortSignal.timeout(600_000);
    const texts = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const asked = {
          ...prompt,
          messages: [{ role: "person", content: `Ada: marker-${index}.` } as const],
        };
        return (await hear(model, signal, asked)).text;
      }),
    );
    expect(texts).toEqual(
      texts.map((_, index) => `I remember 0 earlier messages. You said “Ada: marker-${index}.”.`),
    );
    expect(standIn.refusals).toEqual([]);
  });
});
