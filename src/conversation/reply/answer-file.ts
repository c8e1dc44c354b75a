import type { PostFile } from "../../domain/post.ts";

const maxNameChars = 40;
/** The name is made from the first words. */
const lookedAtChars = 400;

/** The file with a whole answer. It is named after its first heading or words. */
export function answerFile(text: string): PostFile {
  return {
    name: `${nameOf(text)}.md`,
    mediaType: "text/markdown; charset=utf-8",
    content: `${text.trim()}\n`,
  };
}

/** Only letters that every platform keeps in a name. */
function nameOf(text: string): string {
  const beginning = text.slice(0, lookedAtChars);
  const heading = /^ {0,3}#{1,6} (?<title>[^\n]+)$/mu.exec(beginning)?.groups?.["title"];
  const words = (heading ?? beginning)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== "");
  let name = "";
  for (const word of words) {
    const longer = name === "" ? word : `${name}-${word}`;
    if (longer.length > maxNameChars) break;
    name = longer;
  }
  return name.length < 3 ? "answer" : name;
}
