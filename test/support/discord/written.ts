import { invalidForm, Refusal } from "./answer.ts";
import { checkComponents } from "./buttons.ts";
import type { Uploaded, Written } from "./world.ts";

export type Body = Readonly<Record<string, unknown>>;

const mostChars = 2_000;
const mostFiles = 10;
/** Of one file, where nobody has paid for more. */
const mostBytes = 10 * 1024 * 1024;

/** Reads what somebody wants to write, as strictly as Discord: https://discord.com/developers/docs/resources/message */
export function readWritten(body: Body, before?: Written, files: readonly Uploaded[] = []): Written {
  const content = trimmed(body["content"] ?? before?.content);
  const components = body["components"] ?? before?.components;
  checkComponents(body["components"]);
  const all = [...keptFiles(body, before), ...files];
  if (all.length > mostFiles) throw invalidForm("attachments");
  if (files.some(({ bytes }) => bytes.length > mostBytes)) {
    throw new Refusal(413, 40_005, "Request entity too large");
  }
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

/** An edit keeps the files that it names, or all when it names none; what it brings is numbered and no old one. */
function keptFiles(body: Body, before: Written | undefined): readonly Uploaded[] {
  const named: unknown = body["attachments"];
  const old = before?.files ?? [];
  if (!Array.isArray(named)) return old;
  const brought = named.filter(
    (each: unknown) => typeof each === "object" && each !== null && "filename" in each,
  );
  return brought.length === named.length ? [] : old;
}

function trimmed(content: unknown): string {
  return typeof content === "string" ? content.trim() : "";
}
