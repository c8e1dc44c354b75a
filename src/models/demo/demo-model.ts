import { textOf } from "../../domain/content.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { Model, ModelOutput } from "../../ports/model.ts";
import { systemClock } from "../../runtime/clock.ts";
import { countTokens } from "../count-tokens.ts";
import { demoAnswer, demoSummary } from "./demo-answer.ts";
import { demoRollingSummary } from "./demo-summary.ts";
import { recallCall, recallResult } from "./demo-recall.ts";
import { readPrompt, type Scene } from "./read-prompt.ts";

/** Long answers come in larger pieces, so that people don't wait for a demo. */
const maxPieces = 120;

/** A deterministic model that needs no account and answers from the prompt alone. The delay shows an answer growing. */
export function createDemoModel({ pieceDelayMs = 15 }: { readonly pieceDelayMs?: number } = {}): Model {
  return {
    name: "demo",
    isDemo: true,
    countTokens,
    answer: (prompt, signal) => answer(prompt, pieceDelayMs, signal),
  };
}

async function* answer(
  prompt: Prompt,
  pieceDelayMs: number,
  signal: AbortSignal,
): AsyncGenerator<ModelOutput> {
  signal.throwIfAborted();
  const scene = readPrompt(prompt);
  const call = recallCall(prompt, scene.question.text);
  if (call !== undefined) {
    yield { kind: "called", calls: [call], provider: [] };
    return;
  }
  for (const text of piecesOf(textFor(prompt, scene))) {
    await systemClock.sleep(pieceDelayMs, signal);
    yield { kind: "piece", text };
  }
  signal.throwIfAborted();
  yield { kind: "finished", isCut: false };
}

function textFor(prompt: Prompt, scene: Scene): string {
  const { purpose, messages } = prompt;
  if (purpose === "summary") return demoRollingSummary(textOf(messages.at(-1)?.content ?? ""));
  return purpose === "command" ? demoSummary(scene) : demoAnswer(scene, recallResult(prompt));
}

function piecesOf(text: string): readonly string[] {
  const words = text.split(/(?<=\S)(?=\s)/u);
  const wordsPerPiece = Math.ceil(words.length / maxPieces);
  return Array.from({ length: Math.ceil(words.length / wordsPerPiece) }, (_, index) =>
    words.slice(index * wordsPerPiece, (index + 1) * wordsPerPiece).join(""),
  );
}
