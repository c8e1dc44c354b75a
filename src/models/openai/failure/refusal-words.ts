import type { APIError } from "openai";

import { asList, asObject, asText } from "../../json.ts";
import { refusalIn } from "./refusal.ts";

const maxWords = 2_000;

/** The provider's sentence about the reason, with its details; for a web page its title. */
export function wordsOfRefusal(error: APIError): string {
  const fields = asObject(error.error);
  const { raw, reasons } = asObject(fields["metadata"]);
  const quotas = asList(fields["details"]).flatMap((detail) =>
    asList(asObject(detail)["violations"]).map((each) => asText(asObject(each)["quotaId"])),
  );
  const own =
    asText(fields["message"]) || asText(fields["detail"]) || asText(fields["msg"]) || asText(error.error);
  const parts = [own, asText(raw), ...asList(reasons).map(asText), ...quotas].filter((each) => each !== "");
  return (parts.length === 0 ? anyWords(error) : parts.join(" · ")).slice(0, maxWords);
}

/** For errors without one of the usual fields. */
function anyWords(error: APIError): string {
  const { words } = refusalIn(error);
  if (!words.trimStart().startsWith("<")) return words;
  return /<(?:title|code|message)[^<>]{0,200}>([^<]{1,200})/iu.exec(words)?.[1]?.trim() ?? "";
}
