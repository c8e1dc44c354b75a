import { countTokens } from "../../../src/models/count-tokens.ts";
import type { Check } from "../checks.ts";
import { contestantNamed } from "../contestants.ts";
import { percentile, sum } from "../figures.ts";
import { openContestant, type OpenContestant } from "../open-contestant.ts";
import { commandsDuring, countedBetween, memoryBytesIn } from "../redis-counters.ts";
import { questionText } from "../stand-in/marks.ts";
import type { Talked } from "../stand-in/orders.ts";
import { untilArchived } from "../until-archived.ts";
import type { Scenario, ScenarioRow, ScenarioRun } from "./scenario.ts";

type Size = "context" | "filled" | "chars" | "answers";
type Sizes = ScenarioRun<Size>["sizes"];

const leastAnswersPerS = 20;
/** Turns for memory's bytes. */
const maxListened = 20;

/** `npm run bench -- window` */
export const window: Scenario<Size> = {
  title: "Long messages in a long window",
  sizes: {
    context: { usual: 125_000, quick: 12_000 },
    /** Turns are measured whose prompts have so many tokens of the thread. At about 85 % of its room, a window is summarized. */
    filled: { usual: 97_000, quick: 6_500 },
    /** Of each question and each answer. */
    chars: { usual: 1_200, quick: 1_200 },
    /** Measured ones. */
    answers: { usual: 44, quick: 8 },
  },
  only: ["ours-redis", "ours-sqlite"],
  measure: async (run) => {
    const rows: ScenarioRow[] = [];
    const checks: Check[] = [];
    for (const name of run.only) {
      const row = await measureWindow(name, run);
      rows.push(row);
      const value = row.figures["answers/s"] ?? 0;
      checks.push({ what: `${name}, answers/s`, value, atLeast: leastAnswersPerS });
    }
    const { context, filled, chars } = run.sizes;
    return {
      what:
        `One conversation with CONTEXT_TOKENS=${context}, questions and answers of ${chars.toLocaleString("en")} characters, and a model without delay. ` +
        `The turns are measured from a prompt of ${filled.toLocaleString("en")} tokens of the thread on, until the window is summarized and cut; then the ` +
        "window is filled again. Bytes to memory are those of turns of which each begins when the archive has the ones before.",
      rows,
      checks,
    };
  },
};

async function measureWindow(name: string, run: ScenarioRun<Size>): Promise<ScenarioRow> {
  const { sizes, opened, note } = run;
  await using part = new AsyncDisposableStack();
  opened.defer(() => part.disposeAsync());
  const settings = { CONTEXT_TOKENS: String(sizes.context) };
  const bot = await openContestant(contestantNamed(name), part, { settings });
  const filling = new Filling(bot, sizes);
  const turns: Talked[] = [];
  let [cpuSeconds, receivedBytes] = [0, 0];
  while (turns.length < sizes.answers) {
    note(`${name}: fills the window; ${turns.length} of ${sizes.answers} answers are measured`);
    await filling.fill();
    const [cpu, redis] = [bot.cpuSeconds(), await bot.redisCounters()];
    turns.push(...(await filling.untilCut(sizes.answers - turns.length)));
    cpuSeconds += bot.cpuSeconds() - cpu;
    receivedBytes += countedBetween(redis, await bot.redisCounters()).receivedBytes;
  }
  const answerMs = turns.flatMap((each) => each.answerMs);
  const { length } = turns;
  const inRedis = bot.redisUrl !== undefined;
  return {
    name,
    figures: {
      answers: length,
      "prompt tokens": Math.round(sum(turns.map((each) => filling.tokensIn(each))) / length),
      "answers/s": length / sum(turns.map(({ seconds }) => seconds)),
      "p50 ms": percentile(answerMs, 0.5),
      "max ms": percentile(answerMs, 1),
      "CPU ms": (cpuSeconds / length) * 1_000,
      "KiB to the store": inRedis ? receivedBytes / length / 1_024 : undefined,
      "bytes to memory": await memoryBytes(bot, filling),
      "RSS MiB": (await bot.memory()).rssMiB,
      lost: sum(turns.map(({ lost }) => lost)),
      doubled: sum(turns.map(({ doubled }) => doubled)),
    },
  };
}

/** A conversation whose window is filled and cut again and again. */
class Filling {
  readonly #bot: OpenContestant;
  readonly #sizes: Sizes;
  readonly #tokensEach: number;
  #last = 0;

  constructor(bot: OpenContestant, sizes: Sizes) {
    this.#bot = bot;
    this.#sizes = sizes;
    this.#tokensEach = countTokens(questionText({ conversation: 0, number: 100 }, sizes.chars));
  }

  /** Of the thread in the prompt. */
  tokensIn({ promptMessages }: Talked): number {
    return promptMessages * this.#tokensEach;
  }

  /** Turns until a prompt has enough tokens. @throws if the window is cut before, again and again. */
  async fill(): Promise<void> {
    let cuts = 0;
    let most = 0;
    while (this.#last < this.#sizes.filled) {
      if ((await this.#turn()).isCut) cuts += 1;
      most = Math.max(most, this.#last);
      if (cuts > 2) throw new Error(`The window is cut at ${most} tokens: --filled must be less`);
    }
  }

  /** The turns until the window is cut, or so many. */
  async untilCut(
    atMost: number,
    before: () => Promise<void> = async () => undefined,
  ): Promise<readonly Talked[]> {
    const turns: Talked[] = [];
    while (turns.length < atMost) {
      await before();
      const { talked, isCut } = await this.#turn();
      turns.push(talked);
      if (isCut) break;
    }
    return turns;
  }

  async #turn(): Promise<{ readonly talked: Talked; readonly isCut: boolean }> {
    const talk = { conversations: 1, messages: 1, modelDelayMs: 0, threadTurns: 0, chars: this.#sizes.chars };
    const talked = await this.#bot.standIn.talk(talk);
    const before = this.#last;
    this.#last = this.tokensIn(talked);
    return { talked, isCut: this.#last < before };
  }
}

/** What a turn in a full window writes to memory in Redis, if the archive keeps up. Undefined without Redis. */
async function memoryBytes({ redisUrl }: OpenContestant, filling: Filling): Promise<number | undefined> {
  if (redisUrl === undefined) return undefined;
  await filling.fill();
  let turns = 0;
  const commands = await commandsDuring(redisUrl, async () => {
    turns = (await filling.untilCut(maxListened, () => untilArchived(redisUrl))).length;
  });
  return Math.round(memoryBytesIn(commands) / turns);
}
