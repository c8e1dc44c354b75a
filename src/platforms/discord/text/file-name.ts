import type { APIAttachment } from "discord.js";

/** The title that people see; Discord keeps names in letters without accents, and leaves their endings out of titles. */
export function fileName({ filename, title }: Pick<APIAttachment, "filename" | "title">): string {
  if (title === undefined || title.trim() === "") return filename;
  const ending = /\.\w{1,10}$/u.exec(filename)?.[0] ?? "";
  return title.toLowerCase().endsWith(ending.toLowerCase()) ? title : `${title}${ending}`;
}
