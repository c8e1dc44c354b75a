import type { Action } from "../../domain/action.ts";
import type { TurnId } from "../../domain/message.ts";

/** The button under an answer that is being written. It names the turn: a late press stops no other answer. */
export function stopAction(turn: TurnId): Action {
  return { id: "stop", label: "Stop", style: "button", on: turn };
}
