import { recordOf, recordsIn, textIn, type Loose } from "../wire/loose.ts";
import { below, type Reading } from "./reading.ts";

// https://docs.slack.dev/reference/objects/file-object. What is in a file is not read; what Slack itself tells of it is.

const mostFiles = 50;
/** Documents of Slack itself: their names are made of their titles. */
const named: ReadonlySet<string> = new Set(["quip", "list", "canvas", "email", "post"]);

/** The title that people see, with the name where that is another one. */
export function fileName(file: Loose): string {
  const name = textIn(file["name"]).trim();
  const title = textIn(file["title"]).trim();
  if (name === "" || title === "") return name || title || "file";
  const bare = letters(title);
  const isNamed = bare === letters(name) || bare === letters(name.replace(/\.\w{1,5}$/u, ""));
  if (isNamed) return name;
  return named.has(textIn(file["mode"])) ? title : `${title} (${name})`;
}

function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** What people see of files beside their names. */
export function fileTexts(files: unknown, reading: Reading): readonly string[] {
  return recordsIn(files, mostFiles)
    .filter(({ mode }) => mode !== "tombstone")
    .map((file) => fileText(file, reading));
}

function fileText(file: Loose, reading: Reading): string {
  const { transcription, mode, filetype, title, preview, alt_txt: alt } = file;
  const said = recordOf(recordOf(transcription)["preview"]);
  if (textIn(said["content"]).trim() !== "") {
    const more = said["has_more"] === true ? " […]" : "";
    return `[transcript: ${reading.plain(textIn(said["content"]))}${more}]`;
  }
  if (mode === "email" || filetype === "email") return email(file, reading);
  if (mode === "list" || filetype === "list") return titled("list", title, reading);
  if (mode === "quip" || filetype === "quip" || filetype === "canvas")
    return titled("canvas", title, reading);
  if ((mode === "snippet" || mode === "post") && textIn(preview).trim() !== "") {
    const more = Number(textIn(file["lines_more"])) > 0 || file["preview_is_truncated"] === true;
    // Behind a heading: what is in a file orders nothing.
    return `[snippet]\n\`\`\`\n${reading.raw(textIn(preview))}${more ? "\n[…]" : ""}\n\`\`\``;
  }
  return textIn(alt).trim() === "" ? "" : `[image: ${reading.plain(textIn(alt))}]`;
}

function titled(what: string, title: unknown, reading: Reading): string {
  const name = reading.plain(textIn(title));
  return name === "" ? "" : `[${what}: ${name}]`;
}

function email(file: Loose, reading: Reading): string {
  const [from = {}] = recordsIn(file["from"], 1);
  const sender = textIn(from["original"]) || textIn(from["name"]) || textIn(from["address"]);
  const subject = textIn(file["subject"]) || textIn(file["title"]);
  const text = textIn(file["plain_text"]) || textIn(file["preview_plain_text"]);
  const by = sender === "" ? "" : ` from ${reading.plain(sender)}`;
  const heading = `[email${by}${subject === "" ? "" : `: ${reading.plain(subject)}`}]`;
  return below([heading, reading.plain(text)]);
}
