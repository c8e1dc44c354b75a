/**
 * The interactions to which this process is about to respond. A command is stored before its first response, so its
 * reply may be ready before Discord knows the response that it edits; the reply waits here.
 */
export class PendingResponses {
  readonly #pending = new Map<string, Promise<void>>();

  /** Resolves when the first response is given or has failed; at once for interactions of other processes. */
  async settled(interaction: string): Promise<void> {
    await this.#pending.get(interaction);
  }

  /** `respond` must not reject. */
  async track(interaction: string, respond: () => Promise<void>): Promise<void> {
    const responding = respond();
    this.#pending.set(interaction, responding);
    await responding;
    this.#pending.delete(interaction);
  }
}
