/** Which places of a platform are being read, and who waits for that. */
export class PendingPlaces {
  /** Until it is known which places there are. */
  #listing: PromiseWithResolvers<void> | undefined;
  readonly #places = new Map<string, PromiseWithResolvers<void>>();

  /** Something was missed, nobody knows where. */
  begin(): void {
    this.#listing ??= Promise.withResolvers();
  }

  /** It is to be looked for in these places. */
  setPlaces(places: readonly string[]): void {
    for (const place of places)
      if (!this.#places.has(place)) this.#places.set(place, Promise.withResolvers());
    this.#listing?.resolve();
    this.#listing = undefined;
  }

  /** A place was read, or can't be. */
  markRead(place: string): void {
    this.#places.get(place)?.resolve();
    this.#places.delete(place);
  }

  end(): void {
    this.setPlaces([]);
    for (const place of this.#places.keys()) this.markRead(place);
  }

  /** Whether somebody who says something there now would be heard before what was missed there. */
  isPending(place: string): boolean {
    return this.#listing !== undefined || this.#places.has(place);
  }

  async whenRead(place: string): Promise<void> {
    await this.#listing?.promise;
    await this.#places.get(place)?.promise;
  }
}
