import { startOpenAiStandIn, type OpenAiStandIn } from "../openai/openai-stand-in.ts";
import type { ModelRequest } from "../openai/model-request.ts";
import { says, streams, type StreamScript } from "../openai/script.ts";
import { withoutTimes } from "../texts/without-times.ts";
import { endMark } from "./stage.ts";

/** A model whose answers name their question and end in a mark. */
export async function startMarkedModel(): Promise<
  OpenAiStandIn & {
    readonly settings: Readonly<Record<string, string>>;
    /** From now on answers stop half way, for ever. */
    readonly hold: () => void;
    /** Answers stop half way until the returned function is called. */
    readonly holdUntilLetGo: () => () => void;
    /** From now on answers are whole again. */
    readonly letGo: () => void;
  }
> {
  const openai = await startOpenAiStandIn({ respond: markedAnswer });
  const { promise: never } = Promise.withResolvers<never>();
  return Object.assign(openai, {
    settings: { OPENAI_BASE_URL: openai.baseUrl, OPENAI_API_KEY: openai.apiKey },
    hold: () =>
      openai.answerWith(() => streams([{ say: "Half an answer, and " }, { hold: never }], "complete")),
    holdUntilLetGo: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      openai.answerWith((request) =>
        streams(
          [{ say: "Half an answer, and " }, { hold: promise }, { say: `${request.api}. ${endMark}` }],
          "complete",
        ),
      );
      return resolve;
    },
    letGo: () => openai.answerWith(markedAnswer),
  });
}

function markedAnswer({ messages }: ModelRequest): StreamScript {
  return says("You said: ", withoutTimes(messages.at(-1)?.text ?? "").slice(0, 200), ` ${endMark}`);
}
