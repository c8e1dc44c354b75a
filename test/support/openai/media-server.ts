import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer as readBuffer } from "node:stream/consumers";

import { ZodError } from "zod";

import {
  audioModels,
  imageAnswer,
  imageModels,
  readImageOrder,
  readTranscription,
  transcriptBody,
  type ImageRequest,
  type ImageScript,
  type TranscriptionRequest,
  type TranscriptScript,
} from "./media-requests.ts";
import { answersError, type ErrorScript } from "./script.ts";
import { sendFault } from "./send-error.ts";

type Respond<Request, Answer> = (request: Request) => Answer | Promise<Answer>;

/** How the stand-in answers, and what it got. */
export interface MediaRoutes {
  readonly transcriptions: readonly TranscriptionRequest[];
  readonly imageOrders: readonly ImageRequest[];
  /** From now on. Missing: "The launch is on Friday." */
  readonly transcribeWith: (respond: Respond<TranscriptionRequest, TranscriptScript>) => void;
  /** From now on. Missing: a small PNG. */
  readonly makeImagesWith: (respond: Respond<ImageRequest, ImageScript>) => void;
}

export const mediaPaths: ReadonlySet<string> = new Set([
  "/v1/audio/transcriptions",
  "/v1/images/generations",
]);

/** The part of the stand-in that hears recordings and makes images. */
export class MediaServer {
  readonly #apiKey: string;
  readonly #transcriptions: TranscriptionRequest[] = [];
  readonly #imageOrders: ImageRequest[] = [];
  #transcribe: Respond<TranscriptionRequest, TranscriptScript> = () => ({
    kind: "transcript",
    text: "The launch is on Friday.",
  });
  #makeImage: Respond<ImageRequest, ImageScript> = () => ({ kind: "image" });

  constructor(apiKey: string) {
    this.#apiKey = apiKey;
  }

  readonly routes: MediaRoutes = {
    transcriptions: this.#transcriptions,
    imageOrders: this.#imageOrders,
    transcribeWith: (respond) => {
      this.#transcribe = respond;
    },
    makeImagesWith: (respond) => {
      this.#makeImage = respond;
    },
  };

  /** Answers a request. @returns the refusal of a bad one, which is not answered yet. */
  async take(incoming: IncomingMessage, response: ServerResponse): Promise<ErrorScript | undefined> {
    const { headers, url } = incoming;
    const bytes = await readBuffer(incoming);
    if (headers.authorization !== `Bearer ${this.#apiKey}`)
      return answersError(401, "invalid_api_key", { message: "Incorrect API key" });
    try {
      const request =
        url === "/v1/audio/transcriptions"
          ? await readTranscription(bytes, headers)
          : readImageOrder(JSON.parse(bytes.toString()), headers);
      if ("kind" in request) return request;
      const model = "file" in request ? request.fields["model"] : request.body.model;
      if (![...audioModels, ...imageModels].some((each) => each === model))
        return answersError(404, "model_not_found", { message: `The model ${model} does not exist` });
      perform(await this.#scriptFor(request), response);
      return undefined;
    } catch (error) {
      if (!(error instanceof ZodError) && !(error instanceof SyntaxError)) throw error;
      return answersError(400, "invalid_request", { message: error.message });
    }
  }

  #scriptFor(
    request: TranscriptionRequest | ImageRequest,
  ): TranscriptScript | ImageScript | Promise<TranscriptScript | ImageScript> {
    if ("file" in request) {
      this.#transcriptions.push(request);
      return this.#transcribe(request);
    }
    this.#imageOrders.push(request);
    return this.#makeImage(request);
  }
}

function perform(script: TranscriptScript | ImageScript, response: ServerResponse): void {
  if (script.kind !== "transcript" && script.kind !== "image") return sendFault(response, script);
  const body = script.kind === "transcript" ? transcriptBody(script) : imageAnswer(script);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
