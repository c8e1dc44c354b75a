import { z } from "zod";

import { invalidForm, Refusal } from "./answer.ts";
import { checkComponents } from "./buttons.ts";
import { isCard, readCard } from "./cards.ts";
import type { Uploaded, Written } from "./world.ts";

export type Body = Readonly<Record<string, unknown>>;

const mostChars = 2_000;
const mostFiles = 10;
/** Of one file, where nobody has paid for more. */
const mostBytes = 10 * 1024 * 1024;

/** Reads what somebody wants to write, as strictly as Discord: https://discord.com/developers/docs/resources/message */
export function readWritten(body: Body, before?: Written, files: readonly Uploaded[] = []): Written {
  const all = filesOf(body, before, files);
  if (all.length > mostFiles) throw invalidForm("attachments");
  if (files.some(({ bytes }) => bytes.length > mostBytes)) {
    throw new Refusal(413, 40_005, "Request entity too large");
  }
  if (isCard({ flags: Number(body["flags"] ?? 0) }) || (before !== undefined && isCard(before)))
    return readCard(body, before, all);
  const content = trimmed(body["content"] === null ? "" : (body["content"] ?? before?.content));
  const components = body["components"] ?? before?.components;
  checkComponents(body["components"]);
  if (content === "" && all.length === 0 && !Array.isArray(components))
    throw new Refusal(400, 50_006, "Cannot send an empty message");
  if (content === "" && all.length === 0) throw invalidForm("content is required");
  if (content.length > mostChars) throw invalidForm(`content must be ${mostChars} or fewer in length`);
  return {
    content,
    allowedMentions: body["allowed_mentions"],
    flags: Number(body["flags"] ?? before?.flags ?? 0),
    ...(components === undefined ? {} : { components }),
    ...(all.length === 0 ? {} : { files: all }),
  };
}

/**
 * An edit keeps the attachments whose ids it lists, or all when it lists none. What it brings is listed by its number; if
 * attachments are listed, a file that is not among them is refused.
 * https://discord.com/developers/docs/resources/message#edit-message
 */
function filesOf(body: Body, before: Written | undefined, brought: readonly Uploaded[]): readonly Uploaded[] {
  const listed: unknown = body["attachments"];
  const old = before?.files ?? [];
  if (!Array.isArray(listed)) return [...old, ...brought];
  const list: readonly unknown[] = listed;
  const all = list.map((each) => {
    const { id, description } = attachment.parse(each);
    const found = typeof id === "string" ? old.find((file) => file.id === id) : brought[id];
    if (found === undefined) throw invalidForm("attachments");
    return description === undefined ? found : Object.assign({ ...found }, { description });
  });
  if (brought.some(({ bytes }) => !all.some((file) => file.bytes === bytes)))
    throw invalidForm("attachments");
  return all;
}

const attachment = z.object({
  id: z.union([z.string(), z.int()]),
  filename: z.string().optional(),
  description: z.string().max(1_024).optional(),
});

function trimmed(content: unknown): string {
  return typeof content === "string" ? content.trim() : "";
}
