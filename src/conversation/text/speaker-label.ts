import type { Author } from "../../domain/message.ts";
import type { ConversationMemory, Speaker } from "../../domain/conversation-memory.ts";
import { cleanName, stripMarkdown } from "./clean-name.ts";
import { looksOf } from "./looks.ts";

/** Whose names nobody else may have: the bot's, and those that models take for the roles of a conversation. */
const reservedNames = ["Threadkeeper", "assistant", "system", "developer", "tool", "function"];
const nameless = "Someone";
/** What may be an ending that the bot gives, whatever its brackets are. */
const ending = /[\p{Ps}\p{Pe}\p{Pi}\p{Pf}](?<word>[^\p{Ps}\p{Pe}\p{Pi}\p{Pf}]{1,12})[\p{P}\p{S}\s]*$/u;
const givenWords = new Set(["app", "bot", "person"].map(looksOf));
/** What makes no other name of one. */
const affix = /^(?:the|real|officlal)(?=.)|(?<=.)(?:bot|app|al|officlal)$/u;

/**
 * The name by which a person or an app is told from all others of the conversation. The first Ada is "Ada", the next
 * person whose name looks like that "Ada (2)"; an app never has a person's name. `botName`: the bot's own there.
 */
export function labelFor(author: Author, speakers: readonly Speaker[], botName: string | undefined): string {
  const clean = removeGivenEndings(cleanName(author.name));
  const name = clean === "" ? nameless : clean;
  const taken = new Set(speakers.map(({ label }) => looksOf(label)));
  const isReserved = isReservedName(name, botName);
  const given = author.isApp === true ? " (app)" : isReserved ? " (person)" : "";
  let label = `${name}${given}`;
  for (let count = 2; taken.has(looksOf(label)); count += 1) label = `${name}${given} (${count})`;
  return label;
}

/**
 * What a person is called where the bot tells others of them, in Markdown: as in prompts, so that nobody is named like
 * another person there. It pings and formats nothing.
 */
export function displayNameOf(
  { speakers, erasing }: Pick<ConversationMemory, "speakers" | "erasing">,
  author: Author,
  botName: string | undefined,
): string {
  const others = [...(erasing?.speakers ?? []), ...speakers].filter(({ id }) => id !== author.id);
  const known = speakers.find(({ id, label }) => id === author.id && isLabelFor(author, label, botName));
  return stripMarkdown(known?.label ?? labelFor(author, others, botName)).replaceAll(/[@#]/gu, "");
}

/** Whether a label is that of a person with this name, with a number or without. */
export function isLabelFor(author: Author, label: string, botName: string | undefined): boolean {
  const name = labelFor(author, [], botName);
  return label === name || (label.startsWith(`${name} (`) && /^\d+\)$/u.test(label.slice(name.length + 2)));
}

/** Whether a name looks like the bot's own, or like a role: "System", "The Threadkeeper Bot". */
function isReservedName(name: string, botName: string | undefined): boolean {
  const looks = essenceOf(name);
  return [...reservedNames, ...(botName === undefined ? [] : [botName])].some(
    (each) => essenceOf(each) === looks,
  );
}

/** What a name looks like without accents, signs, and words that make no other name of it. */
function essenceOf(name: string): string {
  let essence = looksOf(name.normalize("NFKD").replaceAll(/[\p{M}\p{S}]/gu, ""));
  while (affix.test(essence)) essence = essence.replace(affix, "");
  return essence === "" ? looksOf(name) : essence;
}

function removeGivenEndings(name: string): string {
  let bare = name.trimEnd();
  for (let found = ending.exec(bare); found !== null; found = ending.exec(bare)) {
    if (!isGiven(found.groups?.["word"] ?? "")) return bare;
    bare = bare.slice(0, found.index).trimEnd();
  }
  return bare;
}

function isGiven(word: string): boolean {
  return givenWords.has(looksOf(word)) || /^\s*\d{1,4}\s*$/u.test(word);
}
