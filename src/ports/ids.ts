import type { TurnId } from "../domain/message.ts";

/** Makes ids that nobody has used. */
export interface Ids {
  readonly turn: () => TurnId;
  /** A name for something that a store also numbers: a store that lost its last second gives a number twice. No dot in it. */
  readonly name: () => string;
  /** Short and easy to read aloud: people quote it, operators search the log for it. */
  readonly reference: () => string;
}
