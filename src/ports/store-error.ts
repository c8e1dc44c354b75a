/** A store can't be reached, or can't write. Where an answer is missing, what was asked may have happened. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}
