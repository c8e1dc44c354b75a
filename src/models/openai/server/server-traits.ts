/** What is learned of a model's server while it is asked. */
export interface ServerTraits {
  /** Answers begin within thoughts that the template has opened. Undefined: none has shown it yet. */
  startsThinking: boolean | undefined;
  /** Streams say themselves that they are over. Undefined: none has ended yet. */
  marksEnd: boolean | undefined;
}

/** Models whose names say that they think, or whose templates are known to open thoughts. */
const thinkers =
  /(?:^|[^a-z])(?:r1|qwq|qvq|think|thinking|thinker|reasoner|reasoning|openthinker\d?|exaone-?deep|minimax-?m\d|nemotron-?3|skywork-?or\d|deepscaler|acereason|qwen-?3\.[5-9])(?:[^a-z]|$)/iu;

/** What a model's name lets expect. @param tellsThoughts Its server is known to tell them apart. */
export function expectedTraits(model: string, tellsThoughts: boolean): ServerTraits {
  const isThinker = thinkers.test(model);
  return { startsThinking: isThinker || (tellsThoughts ? false : undefined), marksEnd: undefined };
}
