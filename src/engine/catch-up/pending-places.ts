/** The places of a platform whose missed messages are still to be read, and a way to wait for them. */
export class PendingPlaces {
  /** Pending until the places are known. */
  #untilListed: PromiseWithResolvers<void> | undefined;
  readonly #places = new Map<string, PromiseWithResolvers<void>>();

  /** Marks the whole platform as pending: the places with missed messages are not known yet. */
  begin(): void {
    this.#untilListed ??= Promise.withResolvers();
  }

  /** The places to read, once they are known. */
  setPlaces(places: readonly string[]): void {
    for (const place of places)
      if (!this.#places.has(place)) this.#places.set(place, Promise.withResolvers());
    this.#untilListed?.resolve();
    this.#untilListed = undefined;
  }

  /** Call it also for a place that can't be read. */
  markRead(place: string): void {
    this.#places.get(place)?.resolve();
    this.#places.delete(place);
  }

  end(): void {
    this.setPlaces([]);
    for (const place of this.#places.keys()) this.markRead(place);
  }

  /** Whether a new message in the place would overtake missed ones. */
  isPending(place: string): boolean {
    return this.#untilListed !== undefined || this.#places.has(place);
  }

  async whenRead(place: string): Promise<void> {
    await this.#untilListed?.promise;
    await this.#places.get(place)?.promise;
  }
}
