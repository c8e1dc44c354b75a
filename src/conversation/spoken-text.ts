import type { RememberedMessage } from "../domain/recollection.ts";

type Spoken = Pick<RememberedMessage, "role" | "speaker" | "text" | "attachments">;

/** A message as the model reads it: a person's with its speaker before it, files by their names. */
export function spokenText({ role, speaker, text, attachments }: Spoken): string {
  const files = attachments.map(({ name }) => `[file: ${name}]`);
  const said = [text, ...files].filter((line) => line !== "").join("\n");
  if (role !== "person") return said;
  return `${speaker}: ${said === "" ? "[called you without saying anything else]" : said}`;
}
