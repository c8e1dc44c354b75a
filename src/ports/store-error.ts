/** A store can't be reached, or can't write. Without an answer, the call may still have taken effect. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}
