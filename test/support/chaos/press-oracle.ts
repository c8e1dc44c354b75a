import type { ArchivedText } from "./archived.ts";
import type { ArchivedVerdict } from "./archived-verdicts.ts";
import type { Press } from "./presser.ts";
import { versionsIn } from "./speech.ts";
import type { Asked } from "./telling-model.ts";
import type { Corner, Seen, Shown } from "./town.ts";

/** A conversation in which answers were given again. */
export interface PressedTalk {
  readonly conversation: number;
  readonly town: string;
  readonly presses: readonly Press[];
  readonly corner: Pick<Corner, "seen">;
}

/** What a press may do, and what the bot did. */
export interface PressFaults {
  /** Answers that were given again without a press, or twice for one button. */
  readonly unpressed: readonly string[];
  /** Presses that were taken, and changed nothing. */
  readonly ignored: readonly string[];
  /** Prompts and archived texts that hold another version of an answer than people see. */
  readonly outdated: readonly string[];
}

const givesAgain: ReadonlySet<string> = new Set(["regenerate", "continue"]);

/**
 * Each answer shows the turn that gave it in its buttons, so the turns of a post form a chain: each but the last was pressed,
 * and a press is spent with its turn. `asked`: of all conversations, in order.
 */
export function judgePresses(
  talk: PressedTalk,
  asked: readonly Asked[],
  archived: readonly ArchivedText[],
): PressFaults {
  const { conversation, town, presses, corner } = talk;
  const posts = corner.seen();
  const tell = (what: string): string => `${town} conversation ${conversation}: ${what}`;
  const again = presses.filter(({ action }) => givesAgain.has(action));
  const pressed = new Set(again.map(({ on }) => on));
  const chains = posts.map((post) => turnsOf(post.versions));
  const last = new Set(chains.flatMap((turns) => turns.at(-1) ?? []));
  const unpressed = chains
    .flatMap((turns) => turns.slice(0, -1))
    .filter((turn) => !pressed.has(turn))
    .map((turn) => tell(`the answer of ${turn} was given again without a press`));
  const ignored = again
    .filter(({ isTaken, isAsker, on }) => isTaken && isAsker && last.has(on))
    .map(({ action, on, by }) => tell(`${by} pressed ${action} under ${on}, and the answer stayed`));
  const shown = posts.flatMap(({ text }) => versionsIn(text));
  return {
    unpressed,
    ignored: [...new Set(ignored)],
    outdated: [
      ...outdatedPrompts(posts, asked.filter(isAbout(conversation)), shown).map(tell),
      ...archivedOf(conversation, archived)
        .filter((version) => !shown.includes(version))
        .map((version) => tell(`the archive holds version ${version} of an answer, which nobody sees`)),
    ],
  };
}

/** How many answers were given again. */
export function givenAgain({ corner }: Pick<PressedTalk, "corner">): number {
  return corner.seen().reduce((sum, { versions }) => sum + Math.max(0, turnsOf(versions).length - 1), 0);
}

/** Whether a press that was taken has not had its effect yet. */
export function isPressOpen({ presses, corner }: Pick<PressedTalk, "presses" | "corner">): boolean {
  const shown = new Set(corner.seen().flatMap(({ buttons }) => buttons.map(({ on }) => on)));
  return presses.some(
    ({ action, isTaken, isAsker, on }) => isTaken && isAsker && givesAgain.has(action) && shown.has(on),
  );
}

/** The turns that a post's buttons named, in order. */
function turnsOf(versions: readonly Shown[]): readonly string[] {
  const all = versions.flatMap(({ buttons }) => buttons.map(({ on }) => on));
  return all.filter((turn, index) => turn !== all[index - 1]);
}

/** Prompts with a version that a later one had replaced in an earlier prompt; and a last prompt without the newest ones. */
function outdatedPrompts(
  posts: readonly Seen[],
  prompts: readonly Asked[],
  shown: readonly number[],
): readonly string[] {
  // A replica that was frozen may ask with what it remembers. Its answer counts nowhere.
  const seen = new Set(posts.flatMap(({ versions }) => versions.flatMap(({ text }) => versionsIn(text))));
  const faults: string[] = [];
  const newest = new Map<string, number>();
  for (const { version, holds, answered } of prompts.filter((each) => seen.has(each.version))) {
    for (const held of holds) {
      const token = tokenOfVersion(prompts, held);
      if (token === undefined) continue;
      if (held < (newest.get(token) ?? 0))
        faults.push(`the prompt of version ${version} holds version ${held}, which was replaced`);
      newest.set(token, Math.max(held, newest.get(token) ?? 0));
    }
    if (answered.length > 0 && holds.length === 0)
      faults.push(`the prompt of version ${version} holds no version`);
  }
  const final = prompts.at(-1);
  const due = shown.filter((version) => version !== final?.version);
  if (final !== undefined && final.holds.join(" ") !== due.join(" "))
    faults.push(`the last prompt holds versions ${final.holds.join(" ")}, and people see ${due.join(" ")}`);
  return faults;
}

function isAbout(conversation: number) {
  return ({ said }: Asked): boolean => said.at(-1)?.conversation === conversation;
}

/** The question that a version answers. Undefined: it continues another version. */
function tokenOfVersion(prompts: readonly Asked[], version: number): string | undefined {
  return prompts.find((each) => each.version === version)?.asks.at(-1)?.token;
}

function archivedOf(conversation: number, archived: readonly ArchivedText[]): readonly number[] {
  return archived
    .filter(
      ({ role, spoken }) => role !== "person" && spoken.some((each) => each.conversation === conversation),
    )
    .flatMap(({ versions }) => versions);
}

/** Verdicts that the archive lacks, holds twice, or holds as they were before the person changed their mind. */
export function judgeVerdicts(
  { conversation, town, presses }: PressedTalk,
  archived: readonly ArchivedVerdict[],
): readonly string[] {
  const judging = presses.filter(({ action }) => !givesAgain.has(action));
  const given = Map.groupBy(judging, ({ on, by }) => `${on} ${by}`);
  return [...given].flatMap(([key, all]) => {
    const [on = "", by = ""] = key.split(" ");
    // A press that was not taken may count all the same.
    const last = all.findLastIndex(({ isTaken }) => isTaken);
    const possible = all.slice(Math.max(0, last)).map(({ action }) => action);
    const kept = archived.filter((each) => each.turn === on && each.by === by);
    const isRight =
      kept.length === 1 ? possible.includes(kept[0]?.action ?? "") : kept.length === 0 && last < 0;
    const told = kept.map(({ action }) => action).join(" and ");
    return isRight
      ? []
      : [
          `${town} conversation ${conversation}: ${by} pressed ${possible.join(" or ")} under ${on}, and the archive has ${told || "nothing"}`,
        ];
  });
}
