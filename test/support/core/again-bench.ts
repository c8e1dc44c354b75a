import { ScriptedModel } from "./scripted-model.ts";
import { openRealBench, type RealBench } from "./real-bench.ts";

type Options = NonNullable<Parameters<typeof openRealBench>[0]>;

/** A bench whose model gives these answers, one after the other. An Error is thrown. */
export async function openAgainBench(
  answers: readonly (string | Error)[],
  options: Omit<Options, "model"> = {},
) {
  let count = 0;
  const model = new ScriptedModel(async function* () {
    const next = answers[count] ?? "nothing more";
    count += 1;
    if (next instanceof Error) throw next;
    yield next;
  });
  return openRealBench({ ...options, model });
}

/** The turn that the buttons of the newest answer name. */
export function turnShown({ platform }: Pick<RealBench, "platform">): string {
  const buttons = platform.posts.flatMap(({ isDeleted, post }) => (isDeleted ? [] : (post.actions ?? [])));
  return buttons.findLast(({ id }) => id === "regenerate")?.on ?? "none";
}

/** What the newest prompt holds. */
export function lastPrompt({ model }: Pick<RealBench, "model">): readonly string[] {
  return model.prompts.at(-1)?.messages.map(({ text }) => text) ?? [];
}
