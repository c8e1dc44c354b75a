import { maxRecordingBytes } from "../../../domain/recording.ts";
import { ModelError } from "../../../ports/model.ts";
import type { Recording, Transcriber, Transcript } from "../../../ports/transcriber.ts";
import { asObject } from "../../json.ts";
import { reportedUsage } from "../api/reported-usage.ts";
import { throwIfFailed } from "../failure/stated-failure.ts";
import { MediaClient, type MediaOptions } from "./media-client.ts";
import { sentFormat } from "./recording-format.ts";

export type TranscriberOptions = Omit<MediaOptions, "deadlineMs"> & Partial<Pick<MediaOptions, "deadlineMs">>;

/** A recording of five minutes takes 30 to 60 s. */
const deadlineMs = 120_000;
/** An hour of quick speech has about 100,000 characters. */
const maxAnswerBytes = 4 * 2 ** 20;

/** A model that transcribes, of OpenAI or of any server with its transcription API. @throws {TypeError} as MediaClient. */
export function createTranscriber(options: TranscriberOptions): Transcriber {
  const { model } = options;
  const client = new MediaClient({ deadlineMs, ...options });
  return {
    name: model,
    transcribe: async (recording, signal) => {
      const file = fileOf(recording);
      const body = await client.call(
        {
          send: ({ audio }, ending) =>
            audio.transcriptions.create(
              { file, model, response_format: "json", ...chunksFor(model) },
              { signal: ending },
            ),
          said: "",
          maxAnswerBytes,
        },
        signal,
      );
      return transcriptIn(body);
    },
  };
}

function fileOf(recording: Recording): File {
  const { bytes } = recording;
  if (bytes.byteLength > maxRecordingBytes)
    throw new ModelError("rejected", "The recording is larger than providers take");
  const format = sentFormat(recording);
  if (format === undefined) throw new ModelError("rejected", "Providers do not take this kind of recording");
  return new File([bytes], format.name, { type: format.type });
}

/** A model that tells speakers apart refuses recordings of more than 30 s without it. */
function chunksFor(model: string): { readonly chunking_strategy?: "auto" } {
  return model.includes("diarize") ? { chunking_strategy: "auto" } : {};
}

const tokenNames = {
  prompt: "input_tokens",
  promptDetails: "input_token_details",
  reply: "output_tokens",
  replyDetails: "output_token_details",
};

function transcriptIn(body: Readonly<Record<string, unknown>>): Transcript {
  const { text, usage } = body;
  if (typeof text !== "string") {
    throwIfFailed(body);
    throw new ModelError("rejected", "The provider's answer has no transcript");
  }
  return { text: text.trim(), ...reportedUsage(asObject(usage), tokenNames) };
}
