import type { APIAttachment } from "discord.js";

/**
 * A file's displayed title, with its extension. Discord strips accents from file names and extensions from titles.
 */
export function fileName({ filename, title }: Pick<APIAttachment, "filename" | "title">): string {
  if (title === undefined || title.trim() === "") return filename;
  const ending = /\.\w{1,10}$/u.exec(filename)?.[0] ?? "";
  return title.toLowerCase().endsWith(ending.toLowerCase()) ? title : `${title}${ending}`;
}
