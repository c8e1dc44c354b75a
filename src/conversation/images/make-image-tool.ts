import { ModelError } from "../../ports/model.ts";
import { FileStoreError } from "../../ports/file-store.ts";
import type { Tool, ToolArguments, ToolContext, ToolResult } from "../agent/tool.ts";
import { LimitError } from "../usage/limits.ts";
import { makeImage, maxDescriptionChars } from "./make-image.ts";

/** Each costs money, and a person can ask for more. */
const maxImages = 2;

/**
 * Makes an image, which is shown under the answer. It counts as a tool that reads: nobody sees anything of it before the
 * answer, so that nothing has to be undone or asked for. An edited question may interrupt it, and after a crash in the middle
 * of a call it is made again, which costs once more. As a writing tool it would leave people with "it is not known whether
 * this was done", since providers can't be asked what became of a request. An image that is in the journal is not made again.
 */
export const makeImageTool: Tool = {
  definition: {
    name: "make_image",
    description:
      "Makes an image and shows it under your answer. Use it only when a person asks for a picture, drawing, logo or the like, or for a change of an image that you made; then describe the whole image again. Call it once for each image that is asked for, at most twice. Then answer in a few words; do not link the image.",
    parameters: {
      type: "object",
      properties: {
        description: { type: "string", description: "Everything that the image shows, and its style" },
      },
      required: ["description"],
      additionalProperties: false,
    },
  },
  effect: "reads",
  // Longer than the provider may take.
  maxMs: 150_000,
  run: async (args, context, signal) => {
    const prompt = descriptionIn(args);
    if (prompt === undefined) return failure('Error: make_image takes {"description": "what it shows"}.');
    if (context.files.length >= maxImages)
      return failure("Error: no more images can be made for this answer. Say so; people can ask for more.");
    try {
      return await make(prompt, context, signal);
    } catch (error) {
      const why = whyNot(error);
      if (why === undefined) throw error;
      const kind =
        error instanceof LimitError ? error.limit : error instanceof ModelError ? error.kind : "files";
      context.ports.log.warn({ err: error, kind }, "an image could not be made; the model is told why");
      return failure(`Error: ${why}`);
    }
  },
};

async function make(prompt: string, context: ToolContext, signal: AbortSignal): Promise<ToolResult> {
  const { ports, payer, question, turn, files } = context;
  const { imageMaker } = ports;
  if (imageMaker === undefined) return failure("Error: images can't be made here. Say so.");
  context.showStep({ kind: "image" });
  const order = { payer, prompt, question, turn, number: files.length + 1, turns: 0 };
  const file = await makeImage({ ...ports, imageMaker }, order, signal);
  return { text: `The image is made, and stands under your answer as ${file.name}.`, files: [file] };
}

function whyNot(error: unknown): string | undefined {
  if (error instanceof LimitError)
    return "the daily limit of images is reached. Say so, and that more can be made tomorrow (UTC).";
  if (error instanceof FileStoreError) return "the image could not be stored. Say that it did not work.";
  if (!(error instanceof ModelError)) return undefined;
  return error.kind === "refused"
    ? "the provider's rules do not allow this image. Say so, and ask for another description."
    : "images can't be made right now. Say so, and that it may work later.";
}

function failure(text: string): ToolResult {
  return { text, isFailure: true };
}

function descriptionIn({ description }: ToolArguments): string | undefined {
  if (typeof description !== "string" || description.trim() === "") return undefined;
  return description.trim().slice(0, maxDescriptionChars).toWellFormed();
}
