import type { FileFacts } from "../../ports/file-reader.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import { decodeText } from "../text/decode-text.ts";
import { Unreadable } from "../text/unreadable.ts";
import { readHtml } from "./html.ts";
import { declaresDocument, declaresHtml, declaresNothing, declaresText, isTemplate } from "./kind-of.ts";

const startChars = 65_536;
const encodingInHtml = /<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})/iu;
const startOfHtml = /^(?:\s|<!--[^>]{0,2000}-->|<\?xml[^>]{0,200}\?>)*<(?:!doctype html|html|head|body)\b/iu;
/** Excel saves tables as HTML under names that end with `.xls`. */
const savedByOffice = /urn:schemas-microsoft-com:office/iu;
const signIn =
  /type\s{0,9}=\s{0,9}["']?password|<title[^>]{0,200}>[^<]{0,200}(?:sign[ -]?in|log[ -]?in|slack)/iu;

/** Reads text, code, CSV and HTML. @throws {Unreadable} */
export function readPlain(bytes: Buffer, facts: FileFacts, out: BoundedText): void {
  const start = bytes.toString("latin1", 0, startChars);
  const isPage = startOfHtml.test(start.replace(/^\u00EF\u00BB\u00BF/u, ""));
  const isHtml = declaresHtml(facts) || (isPage && (savedByOffice.test(start) || declaresNothing(facts)));
  const isRead = isHtml || isTemplate(facts);
  if (isPage && !isRead && isInPlaceOfFile(start, facts)) throw new Unreadable("login-page");
  const encoding = isHtml ? encodingInHtml.exec(start)?.[1] : undefined;
  const text = decodeText(bytes, encoding);
  if (text === undefined) throw new Unreadable(declaresDocument(facts) ? "broken" : "unknown-type");
  if (isHtml) readHtml(text, out);
  else addWhole(text, out);
}

/** A text may be HTML that a person wrote; then only a page to sign in is not the file. */
function isInPlaceOfFile(start: string, facts: FileFacts): boolean {
  return declaresText(facts) ? signIn.test(start) : true;
}

/** In pieces, so that a long text is not cleaned as a whole. */
function addWhole(text: string, out: BoundedText): void {
  const pieceChars = 65_536;
  for (let at = 0; at < text.length; at += pieceChars) out.add(text.slice(at, at + pieceChars));
}
