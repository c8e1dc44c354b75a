/** A description is for later prompts, which hold many messages. */
const maxChars = 2_000;

/** Control, direction and invisible characters, except joiners within words, line breaks and tabs. */
const unseen = /(?![\n\t\u200C\u200D])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const lineEnds = /\r\n?|[\v\f\u0085\u2028\u2029]/gu;
/** What the model is told to write where it was shown no image, as where a server refuses one. */
const none = /^["'*]?none["'*.]{0,2}$/iu;
/** A line that may pass for a note of the bot, such as the one at the end of a file's text. */
const noteLike = /^[\p{Ps}\p{Pi}]/u;

/** What the model says of an image, as it can stand in its message. Undefined: nothing. */
export function cleanDescription(answer: string): string | undefined {
  const text = answer
    .slice(0, maxChars * 2)
    .replaceAll(lineEnds, "\n")
    .replaceAll(unseen, "")
    .trim();
  const short = text.length > maxChars ? `${text.slice(0, maxChars).toWellFormed()}…` : text;
  if (short === "" || none.test(short)) return undefined;
  const lines = short.split("\n").map((line) => (noteLike.test(line.trimStart()) ? `> ${line}` : line));
  return lines.join("\n");
}
