import type { EntryId } from "../domain/inbound.ts";
import type { TurnId } from "../domain/message.ts";

/** Creates unique ids. */
export interface Ids {
  readonly turn: () => TurnId;
  /** The id of the turn that begins with an entry: always the same, so that a turn needs no record to keep its id. */
  readonly turnOf: (entry: EntryId) => TurnId;
  /** A random name beside a store's own number: a store that lost its last second reuses numbers. Contains no dot. */
  readonly name: () => string;
  /** Short and easy to read aloud: people quote it, and operators search the log for it. */
  readonly reference: () => string;
}
