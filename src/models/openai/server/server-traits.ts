/** What is learned about a model's server from its answers. */
export interface ServerTraits {
  /** Answers begin inside reasoning, because the chat template opened it. Undefined: unknown. */
  startsThinking: boolean | undefined;
  /** Streams have an end event. Undefined: unknown. */
  marksEnd: boolean | undefined;
}

/** Names of reasoning models, and of models whose templates open reasoning. */
const thinkers =
  /(?:^|[^a-z])(?:r1|qwq|qvq|think|thinking|thinker|reasoner|reasoning|openthinker\d?|exaone-?deep|minimax-?m\d|nemotron-?3|skywork-?or\d|deepscaler|acereason|qwen-?3\.[5-9])(?:[^a-z]|$)/iu;

/** What a model's name suggests. @param separatesThoughts - the server is known to separate reasoning from the answer */
export function expectedTraits(model: string, separatesThoughts: boolean): ServerTraits {
  const isThinker = thinkers.test(model);
  return { startsThinking: isThinker || (separatesThoughts ? false : undefined), marksEnd: undefined };
}
