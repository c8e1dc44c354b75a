import { isConversationKey } from "../../domain/conversation.ts";
import type { ActionId, CommandInbound, Inbound, Pressed, Stopped } from "../../domain/inbound.ts";
import { commandOfPress } from "../../domain/offer.ts";

/** What a press means at that time. Undefined: its value can't be read. */
type PressAction = (pressed: Pressed, nowMs: number) => Inbound | undefined;

const pressActions: Readonly<Record<ActionId, PressAction>> = {
  "give-command": giveCommand,
  stop,
  approve: answerRequest,
  decline: answerRequest,
  regenerate: keep,
  continue: keep,
  "thumbs-up": keep,
  "thumbs-down": keep,
};

/** What a press means. A press of an unknown action stays a press, which changes nothing. */
export function meaningOf(pressed: Pressed, nowMs: number): Inbound {
  const { action } = pressed;
  return (isKnown(action) ? pressActions[action](pressed, nowMs) : undefined) ?? pressed;
}

function isKnown(action: string): action is ActionId {
  return Object.hasOwn(pressActions, action);
}

/** Gives the command of an offer's choice. */
function giveCommand(pressed: Pressed, nowMs: number): CommandInbound | undefined {
  const { action: _, on: _on, value = "", pressedAtMs: saidAtMs, ...rest } = pressed;
  const command = commandOfPress(value, nowMs);
  return command && { ...rest, ...command, kind: "commanded", saidAtMs };
}

/** Answers a request. It stays a press, and counts once for each person. What it does is decided by the turn: see Turn. */
function answerRequest(pressed: Pressed): Pressed {
  const { conversation, on, by, action } = pressed;
  return { ...pressed, dedupeId: `press:${conversation}:${on}:${by.id}:${action}` };
}

/** It stays a press. The turn that takes it from the inbox decides what it does, with the memory of the conversation. */
function keep(pressed: Pressed): Pressed {
  return pressed;
}

/** Ends the answer under which it stands; else, the running one. */
function stop({ conversation, dedupeId, platform, place, on }: Pressed): Stopped {
  const named = isConversationKey(on) ? {} : { turn: on };
  return { kind: "stopped", conversation, dedupeId, platform, place, ...named };
}
