import { MessageFlags } from "discord.js";

import type { Offer } from "../../../domain/offer.ts";
import type { TextFile } from "../../../ports/platform-private-replies.ts";
import type { InteractionTarget } from "../wire/address.ts";
import { cardOf, hasRoom, type CardBody, type CardContent } from "../wire/card.ts";
import { bodyOf, filesOf, privateBodyOf, type BodyWithFiles } from "../wire/message-body.ts";
import { rowOf, toButtons, type ButtonRow } from "../wire/offer-buttons.ts";

/** One message that only the asker sees. */
export interface PrivateMessage {
  readonly text: string;
  readonly files: readonly TextFile[];
  /** Missing: no buttons. */
  readonly offer?: Offer;
}

/** One message in the response to an interaction: as an edit of what is there, and as a further one. */
export interface ResponseForm {
  readonly edit: BodyWithFiles | CardBody;
  readonly create: BodyWithFiles | CardBody;
}

/** The messages that one card can show together, in their order. Each message is in one group. */
export function grouped(
  all: readonly PrivateMessage[],
  target: InteractionTarget,
): readonly (readonly PrivateMessage[])[] {
  const groups: PrivateMessage[][] = [];
  for (const message of all) {
    const last = groups.at(-1);
    const isFull = last === undefined || !hasRoom(contentOf([...last, message], target));
    // What was before a button or a file stays above it.
    const isClosed = last?.at(-1)?.offer !== undefined || (last?.at(-1)?.files.length ?? 0) > 0;
    if (isFull || isClosed) groups.push([message]);
    else last.push(message);
  }
  return groups;
}

/**
 * The group in Components V2. Undefined where that helps nothing: a short line alone, unless it has to replace a card
 * (`isInCard`); or where it has no room.
 */
export function cardFormOf(
  group: readonly PrivateMessage[],
  target: InteractionTarget,
  isInCard: boolean,
): ResponseForm | undefined {
  const content = contentOf(group, target);
  const { texts, files, buttons } = content;
  const helps = texts.length > 1 || files.length > 0 || buttons.length > 0;
  const card = helps || isInCard ? cardOf(content) : undefined;
  if (card === undefined) return undefined;
  return {
    edit: { ...card, content: null },
    create: { ...card, flags: card.flags | MessageFlags.Ephemeral },
  };
}

/** The message in plain content: with its buttons, and, if it has some, with the text that replaces them. */
export function plainFormsOf(
  message: PrivateMessage,
  target: InteractionTarget,
): readonly [ResponseForm, ResponseForm?] {
  const { buttons } = contentOf([message], target);
  const attached = filesOf(message.files);
  const form = (text: string, components: readonly ButtonRow[]): ResponseForm => ({
    edit: { ...bodyOf(text), ...attached, components },
    create: { ...privateBodyOf(text), ...attached, components },
  });
  if (buttons.length === 0) return [form(message.text, [])];
  const row = rowOf(buttons.map(({ button }) => button));
  return [form(message.text, [row]), form(`${message.text} ${message.offer?.orElse ?? ""}`, [])];
}

function contentOf(group: readonly PrivateMessage[], { topic }: InteractionTarget): CardContent {
  return {
    texts: group.map(({ text }) => text).filter((text) => text !== ""),
    files: group.flatMap(({ files }) => files),
    buttons: group.flatMap(({ offer }) =>
      offer === undefined || topic === undefined ? [] : toButtons(offer, topic),
    ),
  };
}
