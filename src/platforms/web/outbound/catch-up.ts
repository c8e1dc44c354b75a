/** Runs one catch-up at a time. Each replica announces its own loss, and those during a catch-up lead to one more. */
export class CatchUp {
  readonly #run: () => Promise<void>;
  #isRunning = false;
  #isDue = false;

  /** `run` must not reject. */
  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  readonly start = async (): Promise<void> => {
    this.#isDue = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#isDue) {
      this.#isDue = false;
      await this.#run();
    }
    this.#isRunning = false;
  };
}
