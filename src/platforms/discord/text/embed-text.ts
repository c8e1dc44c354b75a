import { EmbedType, type APIEmbed } from "discord.js";

import { renderMarkup, type Names } from "./markdown-to-text.ts";

/** What Discord takes at most: https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const maxEmbeds = 10;
const maxFields = 25;

/** What Discord makes of a link by itself. A tweet's is "rich" too. */
const previews: ReadonlySet<string> = new Set([
  EmbedType.Image,
  EmbedType.Video,
  EmbedType.GIFV,
  EmbedType.Article,
  EmbedType.Link,
]);

/** Lines without words are left out: apps write invisible ones to make room. */
const invisible = /^[\s\u200B-\u200F\u2060\u3164\uFEFF]*$/u;

export function isPreview({ type }: APIEmbed): boolean {
  return type !== undefined && previews.has(type);
}

/** The cards of an app's message, each as its lines: who, title with its address, description, fields, footer. */
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
