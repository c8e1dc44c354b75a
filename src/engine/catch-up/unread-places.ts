/** Which places of a platform are being read, and who waits for that. */
export class UnreadPlaces {
  /** Until it is known which places there are. */
  #listing: PromiseWithResolvers<void> | undefined;
  readonly #places = new Map<string, PromiseWithResolvers<void>>();

  /** Something was missed, nobody knows where. */
  begin(): void {
    this.#listing ??= Promise.withResolvers();
  }

  /** It is to be looked for in these places. */
  list(places: readonly string[]): void {
    for (const place of places)
      if (!this.#places.has(place)) this.#places.set(place, Promise.withResolvers());
    this.#listing?.resolve();
    this.#listing = undefined;
  }

  /** A place was read, or can't be. */
  done(place: string): void {
    this.#places.get(place)?.resolve();
    this.#places.delete(place);
  }

  end(): void {
    this.list([]);
    for (const place of this.#places.keys()) this.done(place);
  }

  /** Whether somebody who says something there now would be heard before what was missed there. */
  isUnread(place: string): boolean {
    return this.#listing !== undefined || this.#places.has(place);
  }

  async whenRead(place: string): Promise<void> {
    await this.#listing?.promise;
    await this.#places.get(place)?.promise;
  }
}
