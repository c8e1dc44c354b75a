import type { ImagePart } from "../../../domain/content.ts";
import type { Prompt } from "../../../domain/prompt.ts";
import type { PartPlace } from "../failure/image-refusal.ts";
import type { Api } from "../presets/preset.ts";
import { textsAndImages } from "./shown-images.ts";

/** The image at a place of the request that a prompt becomes. Undefined: there is none. */
export function imageAt(
  { instructions, messages }: Prompt,
  { message, part }: PartPlace,
  api: Api,
): ImagePart | undefined {
  // Over Chat Completions, the instructions are the first message.
  const before = api === "chat" && instructions !== "" ? 1 : 0;
  const { role, content = "" } = messages[message - before] ?? {};
  const found = role === "person" ? textsAndImages(content)[part] : undefined;
  return typeof found === "string" ? undefined : found;
}
