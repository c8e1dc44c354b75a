import type { TurnId } from "../domain/message.ts";

/** Makes ids that nobody has used. */
export interface Ids {
  readonly turn: () => TurnId;
  /** Short and easy to read aloud: people quote it, operators search the log for it. */
  readonly reference: () => string;
}
