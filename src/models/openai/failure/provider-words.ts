import { textOf } from "../../../domain/content.ts";
import type { Prompt } from "../../../domain/prompt.ts";
import type { ModelError } from "../../../ports/model.ts";

/** Kept outside the errors: code that logs an error can't remove words of the prompt from it. */
const words = new WeakMap<ModelError, string>();

/** Stores the provider's sentence about a failure, and returns the failure. */
export function keepProviderWords<Failure extends ModelError>(failure: Failure, sentence: string): Failure {
  if (sentence !== "") words.set(failure, sentence);
  return failure;
}

interface Sent {
  readonly prompt: Pick<Prompt, "messages" | "calls">;
  readonly model: string;
}

/** The provider's sentence for the log, without quotations, account names, keys and words of the prompt. */
export function providerWordsFor(failure: ModelError, sent: Sent): string | undefined {
  const sentence = words.get(failure);
  return sentence === undefined ? undefined : redact(sentence, sent);
}

const maxChars = 400;
/** Protects the model's name while the sentence is redacted. */
const nameMark = "\u{E000}";
const gap = "…";
const quotations = [
  /“[^”]{0,500}(?:”|$)/gu,
  /"[^"]{0,500}(?:"|$)/gu,
  /`[^`]{0,500}(?:`|$)/gu,
  /«[^»]{0,500}(?:»|$)/gu,
  /(?<!\w)'[^']{0,500}(?:'(?!\w)|$)/gu,
];
const secrets = [
  /[\w.+-]{1,80}@[\w.-]{1,80}/gu,
  /\b(?:org|user|proj|project|acct|account|req|request|key|sk|pk|gsk|xai)[-_][\w-]{3,100}/giu,
  /\b(?=[a-z_-]{0,40}\d)[\w-]{20,200}/giu,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/gu,
];

function redact(sentence: string, { prompt, model }: Sent): string {
  let text = sentence.slice(0, 2_000).replaceAll(/\s+/gu, " ");
  if (model !== "") text = text.replaceAll(model, nameMark);
  for (const form of quotations)
    text = text.replaceAll(form, (found) => (found.slice(1, -1) === nameMark ? found : gap));
  for (const form of secrets) text = text.replaceAll(form, gap);
  const said = saidIn(prompt);
  text = text.replaceAll(/[\p{L}\p{N}]+/gu, (word) =>
    usual.has(word.toLowerCase()) || !said.has(word.toLowerCase()) ? word : gap,
  );
  return text
    .replaceAll(nameMark, model)
    .replaceAll(/…(?:[\s.,:;…-]*…)+/gu, gap)
    .slice(0, maxChars)
    .trim();
}

function saidIn({ messages, calls = [] }: Sent["prompt"]): ReadonlySet<string> {
  const said = new Set<string>();
  for (const text of [
    ...messages.map(({ content }) => textOf(content)),
    ...calls.map(({ result }) => result),
  ]) {
    for (const [word] of text.matchAll(/[\p{L}\p{N}]+/gu)) said.add(word.toLowerCase());
  }
  return said;
}

/** Common words of error messages. They reveal nothing, even if the prompt contains them. */
const usual: ReadonlySet<string> = new Set(
  `a about above access account active add admin after again all allowed already also an and any api are as at available
  balance be been before billing body by can cannot cause check city code config connect contact content context could
  country credit credits data day days deployed deprecated details disabled do does down due each enabled endpoint
  endpoints enough error exceed exceeded exceeds exist exists expected expired failed few fewer filter first flagged for
  found free from function go has have header hour hours how id if in incorrect input insufficient internal invalid is it
  its key keys layer length less limit limited limits load loaded loading location long management max maximum may
  message messages minute minutes missing mode model models month more must need needs new no not of off on only open or
  organization organisation out output over overloaded parameter pass pay per permission permissions plan please policy
  privacy project provide provided provider providers pull pulling quota rate reach reached read reason reduce refused
  region remaining request requested requests require required requires reset retry role roles run running s safety second seconds
  see send server service set setting settings should size so stream streaming support supported system temporarily that
  the then this time to today token tokens too tool tools try trying type unable unavailable unknown unsupported until up upgrade
  usage use used user using valid value verified verify violates wait was we were when which while will with within
  wrong you your`.split(/\s+/u),
);
