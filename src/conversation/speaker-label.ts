import type { Author } from "../domain/message.ts";
import type { Speaker } from "../domain/recollection.ts";
import { cleanName, invisibleLetters, visible } from "./clean-name.ts";
import { prototypes } from "./confusables.ts";

/** Whose names nobody else may have: the bot's, and those that models take for the roles of a conversation. */
const reservedNames = ["Threadkeeper", "assistant", "system", "developer", "tool", "function"];
/** An ending that the bot gives. */
const givenEnding = /\((?:app|person|\d{1,4})\)$/iu;
const nameless = "Someone";

/** What says nothing of how a name looks: spaces, punctuation, and what nobody sees. */
const withoutLook = new RegExp(`[\\p{P}\\p{Z}\\s\`~^|+=$<>${invisibleLetters}]`, "gu");
const lookalikes = [...prototypes.keys()].join("");
const lookalike = new RegExp(`[${lookalikes}]`, "gu");
/** Where there is none of these, a name looks as it is written. */
const changing = new RegExp(
  `[\\p{CWKCF}\\p{CWL}\\p{M}\\p{P}\\p{Z}\\s\`~^|+=$<>${invisibleLetters}\u1100-\u11FF\\u{10000}-\\u{10FFFF}i${lookalikes}]`,
  "u",
);

/**
 * What a name looks like: equal for names that people take for one, whatever their letters, case and decoration. As
 * Unicode's skeletons (UTS #39), which say nothing of case. Time grows with its length, and nothing of it is kept.
 */
export function looksOf(name: string): string {
  if (name !== "" && !changing.test(name)) return name;
  const letters = name.normalize("NFKC");
  const looks = prototypesOf(prototypesOf(letters.replaceAll(withoutLook, "")).toLowerCase());
  // A capital i looks like a small L, and case does not count.
  return looks === "" ? visible(letters).trim().toLowerCase() : looks.replaceAll("i", "l");
}

function prototypesOf(text: string): string {
  return text.replaceAll(lookalike, (each) => prototypes.get(each) ?? each);
}

/**
 * The name by which a person or an app is told from all others of the conversation. The first Ada is "Ada", the next
 * person whose name looks like that "Ada (2)"; an app never has a person's name. `botName`: the bot's own there.
 */
export function labelFor(author: Author, speakers: readonly Speaker[], botName: string | undefined): string {
  const clean = withoutGivenEndings(cleanName(author.name));
  const name = clean === "" ? nameless : clean;
  const taken = new Set(speakers.map(({ label }) => looksOf(label)));
  const isReserved = isReservedName(name, botName);
  const ending = author.isApp === true ? " (app)" : isReserved ? " (person)" : "";
  let label = `${name}${ending}`;
  for (let count = 2; taken.has(looksOf(label)); count += 1) label = `${name}${ending} (${count})`;
  return label;
}

/** Whether a name looks like the bot's own, or like a role. */
function isReservedName(name: string, botName: string | undefined): boolean {
  const looks = looksOf(name);
  return [...reservedNames, ...(botName === undefined ? [] : [botName])].some(
    (each) => looksOf(each) === looks,
  );
}

function withoutGivenEndings(name: string): string {
  let bare = name.trimEnd();
  while (givenEnding.test(bare)) bare = bare.replace(givenEnding, "").trimEnd();
  return bare;
}
