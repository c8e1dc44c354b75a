/** How models of all families begin their thoughts. */
const openers = [
  "okay, ",
  "ok, ",
  "alright, ",
  "hmm",
  "the user ",
  "the person ",
  "user asks",
  "we need ",
  "i need to ",
  "let me think",
  "let's think",
  "first, i ",
  "so, the ",
  "so the user",
];

/** Whether a text sounds like thoughts without an opening marker. Undefined: more text is needed. */
export function soundsLikeThinking(text: string, isLast: boolean): boolean | undefined {
  const head = text.slice(0, 20).toLowerCase();
  if (openers.some((each) => head.startsWith(each))) return true;
  return !isLast && openers.some((each) => each.startsWith(head)) ? undefined : false;
}
