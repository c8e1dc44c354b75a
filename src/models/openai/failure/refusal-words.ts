import type { APIError } from "openai";

import { listIn, objectIn, textIn } from "../../json.ts";
import { refusalIn } from "./refusal.ts";

const mostWords = 2_000;

/** The sentence in which the provider says why, with what it says in details; of a page its title. */
export function wordsOfRefusal(error: APIError): string {
  const fields = objectIn(error.error);
  const { raw, reasons } = objectIn(fields["metadata"]);
  const quotas = listIn(fields["details"]).flatMap((detail) =>
    listIn(objectIn(detail)["violations"]).map((each) => textIn(objectIn(each)["quotaId"])),
  );
  const own =
    textIn(fields["message"]) || textIn(fields["detail"]) || textIn(fields["msg"]) || textIn(error.error);
  const parts = [own, textIn(raw), ...listIn(reasons).map(textIn), ...quotas].filter((each) => each !== "");
  return (parts.length === 0 ? anyWords(error) : parts.join(" · ")).slice(0, mostWords);
}

/** Where the sentence stands at no usual place. */
function anyWords(error: APIError): string {
  const { words } = refusalIn(error);
  if (!words.trimStart().startsWith("<")) return words;
  return /<(?:title|code|message)[^<>]{0,200}>([^<]{1,200})/iu.exec(words)?.[1]?.trim() ?? "";
}
