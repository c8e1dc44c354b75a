import { startOpenAiStandIn, type OpenAiStandIn } from "../openai/openai-stand-in.ts";
import { callOf, says, streams } from "../openai/script.ts";

/** A model that calls a tool for each thing in "order a, b", and then answers with what came of it. */
export async function startOrderingModel(tool = "order"): Promise<OpenAiStandIn> {
  return startOpenAiStandIn({
    respond: ({ results, messages }) => {
      const question = messages.at(-1)?.text ?? "";
      const wanted = /order (?<things>[\w, ]+)/u.exec(question)?.groups?.["things"]?.split(", ") ?? [];
      if (results.length > 0) return says(results.map(({ result }) => result).join(" "));
      if (wanted.length === 0) return says("Hello.");
      return streams([{ say: "Well." }, ...wanted.map((of) => ({ call: callOf(tool, { of }) }))], "complete");
    },
  });
}
