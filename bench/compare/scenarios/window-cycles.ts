import { mean, median, percentile, sum } from "../figures.ts";
import type { OpenContestant } from "../open-contestant.ts";
import { commandsDuring, countedBetween, memoryBytesIn } from "../redis-counters.ts";
import type { Talk, Talked } from "../stand-in/orders.ts";
import { untilArchived } from "../until-archived.ts";
import type { ScenarioRow } from "./scenario.ts";

/** More than any window holds. */
const maxTurns = 20_000;

/** What the turns of one cycle took. */
interface Cycle {
  readonly answerMs: readonly number[];
  readonly promptMessages: readonly number[];
  readonly cpuMs: number;
  /** Sent to Redis. */
  readonly bytes: number;
}

/** Turns of one conversation, measured over whole cycles: from one cut of its window to the next. */
export class Cycles {
  readonly #bot: OpenContestant;
  readonly #talk: Talk;
  readonly #cycles: Cycle[] = [];
  #lastPrompt = 0;
  #isAtCut = false;

  /** @param conversation its number @param chars see Talk */
  constructor(bot: OpenContestant, conversation: number, chars = 0) {
    this.#bot = bot;
    this.#talk = {
      conversations: 1,
      from: conversation,
      messages: 1,
      modelDelayMs: 0,
      threadTurns: 0,
      chars,
    };
  }

  /** Measured so far. */
  get turns(): number {
    return sum(this.#cycles.map(({ answerMs }) => answerMs.length));
  }

  /** Measures one cycle. */
  async measureOne(): Promise<void> {
    const { cpuSeconds, redisCounters } = this.#bot;
    if (!this.#isAtCut) await this.toCut();
    const [cpu, redis] = [cpuSeconds(), await redisCounters()];
    const turns: Talked[] = [];
    await this.toCut((talked) => turns.push(talked));
    this.#cycles.push({
      answerMs: turns.flatMap(({ answerMs }) => answerMs),
      promptMessages: turns.map(({ promptMessages }) => promptMessages),
      cpuMs: (cpuSeconds() - cpu) * 1_000,
      bytes: countedBetween(redis, await redisCounters()).receivedBytes,
    });
  }

  /** Goes on until the window has been cut, and returns the number of turns. */
  async toCut(
    each: (talked: Talked) => unknown = () => undefined,
    before: () => Promise<void> = async () => undefined,
  ): Promise<number> {
    for (let turns = 1; turns <= maxTurns; turns += 1) {
      await before();
      const talked = await this.#bot.standIn.talk(this.#talk);
      if (talked.lost > 0) throw new Error("A question had no answer");
      each(talked);
      const isCut = talked.promptMessages < this.#lastPrompt;
      this.#lastPrompt = talked.promptMessages;
      this.#isAtCut = isCut;
      if (isCut) return turns;
    }
    throw new Error(`The window was not cut in ${maxTurns} turns`);
  }

  /** Times are medians of the cycles' means: a slow moment of the machine hits few of them. CPU time is too coarse for that. */
  figures(): ScenarioRow["figures"] {
    const perTurn = (of: (cycle: Cycle) => number): number =>
      median(this.#cycles.map((cycle) => of(cycle) / cycle.answerMs.length));
    return {
      cycles: this.#cycles.length,
      turns: this.turns,
      "messages in the prompt": mean(this.#cycles.flatMap(({ promptMessages }) => promptMessages)),
      "ms per turn": perTurn(({ answerMs }) => sum(answerMs)),
      "p95 ms": percentile(
        this.#cycles.flatMap(({ answerMs }) => answerMs),
        0.95,
      ),
      "CPU ms": sum(this.#cycles.map(({ cpuMs }) => cpuMs)) / this.turns,
      "KiB to the store":
        this.#bot.redisUrl === undefined ? undefined : perTurn(({ bytes }) => bytes / 1_024),
    };
  }

  /**
   * What a turn writes to the conversation's memory in Redis, over one cycle more. Undefined without Redis. "paced": each turn
   * begins when the archive has the turns before, as people's do. Otherwise memory also holds what the archive lacks.
   */
  async memoryBytesPerTurn(pace?: "paced"): Promise<number | undefined> {
    const { redisUrl } = this.#bot;
    if (redisUrl === undefined) return undefined;
    const before = async (): Promise<void> => (pace === undefined ? undefined : untilArchived(redisUrl));
    if (!this.#isAtCut) await this.toCut();
    let turns = 0;
    const commands = await commandsDuring(redisUrl, async () => {
      turns = await this.toCut(undefined, before);
    });
    return Math.round(memoryBytesIn(commands) / turns);
  }
}
