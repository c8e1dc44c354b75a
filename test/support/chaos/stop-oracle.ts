import { versionsIn } from "./speech.ts";
import { isEnded, isStopped, isWhole, type StoppingTalk } from "./stopper.ts";
import type { Asked } from "./telling-model.ts";

/** A Stop that was taken ends the answer long before that, also where its replica was killed. */
const longestMs = 10_000;
const placeholder = "_Thinking…_";
/** Of so many answers, one at least is stopped. */
const enough = 3;

/**
 * The faults: a message without one answer, an answer that goes on after its Stop was taken, one that did not end, and a last
 * prompt with other answers than people see.
 */
export function judgeStops(
  { conversation, town, corner, stoppings }: StoppingTalk,
  asked: readonly Asked[],
): readonly string[] {
  const posts = corner.seen().filter(({ text }) => text !== placeholder);
  const ended = posts.filter(isEnded);
  // One more message was said at the end.
  const due = stoppings.length + 1;
  const prompts = asked.filter(({ said }) => said.at(-1)?.conversation === conversation);
  const last = prompts.findLast(({ asks }) => asks.at(-1)?.number === stoppings.length);
  const shown = ended.slice(0, -1).flatMap(({ text }) => versionsIn(text));
  const goesOn = stoppings.filter(({ number, takenAtMs = Infinity }) => {
    const post = ended[number];
    return post !== undefined && isWhole(post) && post.atMs - takenAtMs > longestMs;
  });
  return [
    ...(ended.length === due ? [] : [`${due} messages have ${ended.length} answers`]),
    ...(posts.length === ended.length ? [] : [`${posts.length - ended.length} answers did not end`]),
    ...goesOn.map(({ number }) => `the answer to message ${number} was stopped, and went on`),
    ...(last !== undefined && last.holds.join(" ") !== shown.join(" ")
      ? [`the last prompt holds versions ${last.holds.join(" ")}, and people see ${shown.join(" ")}`]
      : []),
  ].map((what) => `${town} conversation ${conversation}: ${what}`);
}

/** Whether no Stop had any effect, so that the judgement means nothing. */
export function isNeverStopped(talks: readonly StoppingTalk[]): boolean {
  const answers = talks.reduce((sum, { stoppings }) => sum + stoppings.length, 0);
  return answers >= enough && !talks.some(({ corner }) => corner.seen().some(isStopped));
}
