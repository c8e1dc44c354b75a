import type { TurnId } from "../domain/message.ts";

/** Creates unique ids. */
export interface Ids {
  readonly turn: () => TurnId;
  /** A random name beside a store's own number: a store that lost its last second reuses numbers. Contains no dot. */
  readonly name: () => string;
  /** Short and easy to read aloud: people quote it, and operators search the log for it. */
  readonly reference: () => string;
}
