/**
 * The interactions that this process is about to answer for the first time. What fills an answer in waits here: the
 * interaction is stored before it is answered, so its command may be done sooner than Discord knows of any answer.
 */
export class OpenAnswers {
  readonly #opening = new Map<string, Promise<void>>();

  /** Resolves when the first answer is given or has failed; at once for interactions of other processes. */
  async opened(interaction: string): Promise<void> {
    await this.#opening.get(interaction);
  }

  /** `answer` never rejects. */
  async during(interaction: string, answer: () => Promise<void>): Promise<void> {
    const answering = answer();
    this.#opening.set(interaction, answering);
    await answering;
    this.#opening.delete(interaction);
  }
}
