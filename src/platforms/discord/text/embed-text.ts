import { EmbedType, type APIEmbed } from "discord.js";

import { renderMarkup, type Names } from "./markdown-to-text.ts";

/** Discord's limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const maxEmbeds = 10;
const maxFields = 25;

/** The types of Discord's own link previews. A tweet's preview is "rich" too. */
const previews: ReadonlySet<string> = new Set([
  EmbedType.Image,
  EmbedType.Video,
  EmbedType.GIFV,
  EmbedType.Article,
  EmbedType.Link,
]);

/** Blank lines are left out: apps use invisible characters for spacing. */
const invisible = /^[\s\u200B-\u200F\u2060\u3164\uFEFF]*$/u;

export function isPreview({ type }: APIEmbed): boolean {
  return type !== undefined && previews.has(type);
}

/** The embeds of an app's message, each as lines: author, title with its URL, description, fields, footer. */
export function embedsText(embeds: readonly APIEmbed[], names: Names): readonly string[] {
  return embeds.slice(0, maxEmbeds).map((embed) => embedText(embed, names));
}

function embedText(embed: APIEmbed, names: Names): string {
  const { author, provider, title, url, description, fields, footer, timestamp, image, thumbnail, video } =
    embed;
  const heading = [read(title, names), url === undefined ? "" : `(${url})`];
  const foot = [read(footer?.text, names), timestamp ?? ""];
  const lines = [
    read(author?.name ?? provider?.name, names),
    read(title, names) === "" ? "" : heading.filter((each) => each !== "").join(" "),
    read(description, names),
    ...(fields ?? [])
      .slice(0, maxFields)
      .map(({ name, value }) => fieldText(read(name, names), read(value, names))),
    foot.filter((each) => each !== "").join(" · "),
  ].filter((line) => line !== "");
  const isPicture = lines.length === 0 && (image ?? thumbnail ?? video) !== undefined;
  return isPicture ? "[picture]" : lines.join("\n");
}

function fieldText(name: string, value: string): string {
  if (name === "" || value === "") return `${name}${value}`;
  return `${name.endsWith(":") ? name.slice(0, -1) : name}: ${value}`;
}

function read(text: string | null | undefined, names: Names): string {
  if (text === null || text === undefined || invisible.test(text)) return "";
  return renderMarkup(text, names);
}
