import fc from "fast-check";
import { expect, test } from "vitest";

import type { Prompt } from "../../src/domain/prompt.ts";
import type { Model, ModelOutput } from "../../src/ports/model.ts";
import { payerIn } from "../support/core/payer-in.ts";

interface Opened extends AsyncDisposable {
  readonly model: Model;
}

const prompt: Prompt = {
  purpose: "answer",
  payer: payerIn("fake:room:1"),
  instructions: "Be kind.",
  messages: [
    { role: "person", content: "Ada: the launch is on Friday" },
    { role: "bot", content: "Noted." },
    { role: "person", content: "Grace: when is the launch?" },
  ],
};

/** The contract of every model. `open` returns one that answers after a moment, in several pieces. */
export function modelContract(open: () => Promise<Opened>): void {
  const soon = (): AbortSignal => AbortSignal.timeout(600_000);

  test("closes an answer with exactly one `finished`, after at least one visible piece", async () => {
    await using opened = await open();
    const outputs = await collect(opened.model.answer(prompt, soon()));
    expect(outputs.filter(({ kind }) => kind === "finished")).toHaveLength(1);
    expect(outputs.at(-1)).toMatchObject({ kind: "finished", isCut: false });
    expect(textOf(outputs).trim()).not.toBe("");
  });

  test("streams: the answer comes in several pieces, none of them empty", async () => {
    await using opened = await open();
    const pieces = (await collect(opened.model.answer(prompt, soon()))).filter(
      ({ kind }) => kind === "piece",
    );
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces)
      expect(piece).toMatchObject({ text: expect.stringMatching(/./su) as unknown });
  });

  test("gives the same answer to the same prompt", async () => {
    await using opened = await open();
    const first = textOf(await collect(opened.model.answer(prompt, soon())));
    expect(textOf(await collect(opened.model.answer(prompt, soon())))).toBe(first);
  });

  test("throws the reason of a signal that has fired before", async () => {
    await using opened = await open();
    const reason = new Error("too late");
    await expect(collect(opened.model.answer(prompt, AbortSignal.abort(reason)))).rejects.toBe(reason);
  });

  test("throws the signal's reason promptly when it fires in the middle of an answer", async () => {
    await using opened = await open();
    const abort = new AbortController();
    const reason = new Error("enough");
    const outputs: ModelOutput[] = [];
    const reading = (async () => {
      for await (const output of opened.model.answer(prompt, abort.signal)) {
        outputs.push(output);
        if (outputs.length === 1) abort.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(outputs.map(({ kind }) => kind)).toEqual(["piece"]);
  });

  test("can be left in the middle of an answer, and answers again", async () => {
    await using opened = await open();
    for await (const output of opened.model.answer(prompt, soon())) {
      expect(output.kind).toBe("piece");
      break;
    }
    expect((await collect(opened.model.answer(prompt, soon()))).at(-1)?.kind).toBe("finished");
  });

  test("counts no tokens for an empty text, and some for any other", async () => {
    await using opened = await open();
    const { countTokens } = opened.model;
    expect(countTokens("")).toBe(0);
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 2_000, size: "max" }), (text) => {
        const tokens = countTokens(text);
        expect(Number.isInteger(tokens)).toBe(true);
        expect(tokens).toBeGreaterThan(0);
      }),
    );
  });

  test("counts two texts apart as hardly fewer tokens than together", async () => {
    await using opened = await open();
    const { countTokens } = opened.model;
    fc.assert(
      fc.property(fc.lorem({ maxCount: 200, size: "max" }), fc.string({ unit: "grapheme" }), (one, other) => {
        // Separated by a line: two joined words may be quite different tokens.
        const together = countTokens(`${one}\n\n${other}`);
        expect(together).toBeLessThanOrEqual(countTokens(one) + countTokens(other) + 8);
      }),
    );
  });
}

async function collect(answer: AsyncIterable<ModelOutput>): Promise<readonly ModelOutput[]> {
  const outputs: ModelOutput[] = [];
  for await (const output of answer) outputs.push(output);
  return outputs;
}

function textOf(outputs: readonly ModelOutput[]): string {
  return outputs.map((output) => (output.kind === "piece" ? output.text : "")).join("");
}
