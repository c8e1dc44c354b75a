import type { CommandDefinition } from "../../domain/command.ts";
import type { WrittenCommand } from "./written-command.ts";

const maxWords = 4;
/** English words that look like a command's name. */
const ownWords: ReadonlySet<string> = new Set(
  "expert experts forgot held helps kelp memo memoir reset resets rest summer summers".split(" "),
);

/**
 * Whether a text is a mistyped command, such as `forgett this`. It must not reach the model, which would claim to have done
 * it.
 */
export function isSimilarCommand(order: WrittenCommand, commands: readonly CommandDefinition[]): boolean {
  return similarCommand(order, commands) !== undefined;
}

/** The command that was probably meant, without the slash: "forget this". Undefined: none is similar. */
export function similarCommand(
  { name, argument }: WrittenCommand,
  commands: readonly CommandDefinition[],
): string | undefined {
  const words = argument === "" ? [] : argument.toLowerCase().split(/\s+/u);
  if (words.length >= maxWords) return undefined;
  for (const command of commands) {
    const isExact = command.name === name;
    if (!isExact && !isMisspelt(name, command, words.length)) continue;
    const meant = words.map((word) => optionNear(word, command));
    const known = meant.filter((each) => each !== undefined);
    if (known.length === words.length && (!isExact || words.some((word) => !known.includes(word)))) {
      return [command.name, ...known].join(" ");
    }
  }
  return undefined;
}

function isMisspelt(name: string, command: CommandDefinition, words: number): boolean {
  if (name.at(0) !== command.name.at(0) || (words === 0 && ownWords.has(name))) return false;
  return isWithinOneEdit(name, command.name) || (command.name.length > 6 && isWithinTwo(name, command.name));
}

function optionNear(word: string, { options }: CommandDefinition): string | undefined {
  const exact = options.find((option) => option.word === word);
  const isLong = word.length > 3;
  return (exact ?? options.find((option) => isLong && isWithinOneEdit(word, option.word)))?.word;
}

/** One letter added, missing, wrong, or swapped with its neighbour. */
function isWithinOneEdit(one: string, other: string): boolean {
  if (one === other) return true;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  const rest = one.slice(start);
  const otherRest = other.slice(start);
  const isSwapped =
    rest.length > 1 &&
    rest[0] === otherRest[1] &&
    rest[1] === otherRest[0] &&
    rest.slice(2) === otherRest.slice(2);
  return (
    isSwapped ||
    rest.slice(1) === otherRest ||
    rest === otherRest.slice(1) ||
    rest.slice(1) === otherRest.slice(1)
  );
}

/** One edit, and one more letter added or missing. */
function isWithinTwo(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 2) return false;
  const [longer, shorter] = one.length >= other.length ? [one, other] : [other, one];
  return Array.from(longer, (_, at) => longer.slice(0, at) + longer.slice(at + 1)).some((each) =>
    isWithinOneEdit(each, shorter),
  );
}
