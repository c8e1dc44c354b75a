import { excerptBlock } from "../../../domain/excerpt.ts";
import { asObject, objectsIn, asText, type JsonObject } from "../wire/json-object.ts";
import { joinLines, type TextReader } from "./text-reader.ts";

// https://docs.slack.dev/reference/objects/file-object. Only Slack's own fields are read here.

const maxFiles = 50;
/** Slack's own documents: Slack derives their names from their titles. */
const slackDocuments: ReadonlySet<string> = new Set(["quip", "list", "canvas", "email", "post"]);

/** Larger clips are not listened to: see conversation/remembering/read-attachments.ts. */
const maxHeardBytes = 20 * 1_024 * 1_024;

/**
 * A file for a bot that listens to recordings by itself. Slack's own transcript comes later, often as an edit, and a message
 * holds only its beginning: of a recording that the bot hears, it is left out.
 */
export function withoutTranscript(file: JsonObject): JsonObject {
  if (Number(file["size"] ?? 0) > maxHeardBytes) return file;
  const { transcription: _, ...rest } = file;
  return rest;
}

/** The title that people see, with the file name if it differs. */
export function fileName(file: JsonObject): string {
  const name = asText(file["name"]).trim();
  const title = asText(file["title"]).trim();
  if (name === "" || title === "") return name || title || "file";
  const bare = letters(title);
  const isNamed = bare === letters(name) || bare === letters(name.replace(/\.\w{1,5}$/u, ""));
  if (isNamed) return name;
  return slackDocuments.has(asText(file["mode"])) ? title : `${title} (${name})`;
}

function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** What people see of files besides their names: transcripts, previews, descriptions. */
export function fileTexts(files: unknown, reader: TextReader): readonly string[] {
  return objectsIn(files, maxFiles)
    .filter(({ mode }) => mode !== "tombstone")
    .map((file) => fileText(file, reader));
}

function fileText(file: JsonObject, reader: TextReader): string {
  const { transcription, mode, filetype, title, preview, alt_txt: alt } = file;
  const said = asObject(asObject(transcription)["preview"]);
  if (asText(said["content"]).trim() !== "") {
    const more = said["has_more"] === true ? " […]" : "";
    return `[transcript: ${reader.plain(asText(said["content"]))}${more}]`;
  }
  if (mode === "email" || filetype === "email") return email(file, reader);
  if (mode === "list" || filetype === "list") return titled("list", title, reader);
  if (mode === "quip" || filetype === "quip" || filetype === "canvas") return titled("canvas", title, reader);
  if (isSnippet(file)) return excerptBlock(reader.raw(asText(preview)), isCutSnippet(file));
  return asText(alt).trim() === "" ? "" : `[image: ${reader.plain(asText(alt))}]`;
}

function isSnippet({ mode, preview }: JsonObject): boolean {
  return (mode === "snippet" || mode === "post") && asText(preview).trim() !== "";
}

/** Whether the text of a message shows all of a file's text, as far as there is any: a short snippet, an email, a transcript. */
export function isShownFile(file: JsonObject): boolean {
  if (isSnippet(file)) return !isCutSnippet(file);
  const { transcription, mode, filetype } = file;
  const kinds = [asText(mode), asText(filetype)];
  return kinds.some((kind) => slackDocuments.has(kind)) || asObject(transcription)["preview"] != null;
}

/** Whether Slack's preview of a snippet ends before the snippet does. */
export function isCutSnippet(file: JsonObject): boolean {
  const hasMore = Number(asText(file["lines_more"])) > 0 || file["preview_is_truncated"] === true;
  return isSnippet(file) && hasMore;
}

function titled(what: string, title: unknown, reader: TextReader): string {
  const name = reader.plain(asText(title));
  return name === "" ? "" : `[${what}: ${name}]`;
}

function email(file: JsonObject, reader: TextReader): string {
  const [from = {}] = objectsIn(file["from"], 1);
  const sender = asText(from["original"]) || asText(from["name"]) || asText(from["address"]);
  const subject = asText(file["subject"]) || asText(file["title"]);
  const text = asText(file["plain_text"]) || asText(file["preview_plain_text"]);
  const by = sender === "" ? "" : ` from ${reader.plain(sender)}`;
  const heading = `[email${by}${subject === "" ? "" : `: ${reader.plain(subject)}`}]`;
  return joinLines([heading, reader.plain(text)]);
}
