import { startBot, type BotProcess, type BotSettings } from "../bot-process.ts";

/** The real program, which can be stopped and started again in the middle of a conversation. */
export class Program implements AsyncDisposable {
  readonly #settings: BotSettings;
  #bot: BotProcess;
  // Without it a bot would outlive a tour that was stopped half way.
  readonly #endNow = () => void this.#bot.kill();

  private constructor(settings: BotSettings, bot: BotProcess) {
    this.#settings = settings;
    this.#bot = bot;
    // First of all: it must not write into a folder that is being removed.
    process.prependOnceListener("exit", this.#endNow);
  }

  static async start(settings: BotSettings): Promise<Program> {
    return new Program(settings, await startBot(settings));
  }

  /** As an operator does it. @returns the exit code of the first. */
  async restart(): Promise<number | null> {
    const code = await this.#bot.stop();
    this.#bot = await startBot(this.#settings);
    return code;
  }

  /** Answers that are whole, since the last start. */
  get turnsFinished(): number {
    return this.#bot.log.filter(({ msg }) => msg === "turn finished" || msg === "command finished").length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#endNow);
    await this.#bot[Symbol.asyncDispose]();
  }
}
