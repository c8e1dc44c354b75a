import { invalidForm, Refusal } from "./answer.ts";
import type { Written } from "./world.ts";

export type Body = Readonly<Record<string, unknown>>;

const mostChars = 2_000;

/** Reads what somebody wants to write, as strictly as Discord: https://discord.com/developers/docs/resources/message */
export function readWritten(body: Body, before?: Written): Written {
  const content = trimmed(body["content"] ?? before?.content);
  const components = body["components"] ?? before?.components;
  if (content === "" && !Array.isArray(components))
    throw new Refusal(400, 50_006, "Cannot send an empty message");
  if (content === "") throw invalidForm("content is required");
  if (content.length > mostChars) throw invalidForm(`content must be ${mostChars} or fewer in length`);
  return {
    content,
    allowedMentions: body["allowed_mentions"],
    flags: Number(body["flags"] ?? before?.flags ?? 0),
    ...(components === undefined ? {} : { components }),
  };
}

function trimmed(content: unknown): string {
  return typeof content === "string" ? content.trim() : "";
}
