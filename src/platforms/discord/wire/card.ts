import {
  ComponentType,
  MessageFlags,
  type APIButtonComponentWithCustomId,
  type APIComponentInContainer,
  type APIContainerComponent,
  type RawFile,
} from "discord.js";

import type { TextFile } from "../../../ports/platform-private-replies.ts";
import { filesOf, noPings, type MessageBody } from "./message-body.ts";
import { rowOf, type OfferButton } from "./offer-buttons.ts";

// https://docs.discord.com/developers/components/reference
const maxChars = 4_000;
/** Discord's own page names no limit any more; its types still do. With so few, all 40 components of a message are never used. */
const maxParts = 10;
/** What Discord takes after `attachment://`. */
const plainName = /^[\w-]+(?:\.[\w-]+)*$/u;

/** What a card shows, from top to bottom. */
export interface CardContent {
  /** Each as long as a message's text at most. Markdown does not go on from one to the next. */
  readonly texts: readonly string[];
  readonly files: readonly TextFile[];
  readonly buttons: readonly OfferButton[];
}

/** A message in Components V2: texts, files and buttons in one frame. It has no content, and never gets one again. */
export interface CardBody extends Pick<MessageBody, "flags" | "allowed_mentions" | "attachments"> {
  /** Takes the plain text from an edited message, which Discord requires. Missing in a new message. */
  readonly content?: null;
  readonly components: readonly [APIContainerComponent];
  readonly files?: readonly RawFile[];
}

/** Undefined: it is more than one card can show. */
export function cardOf({ texts, files, buttons }: CardContent): CardBody | undefined {
  const beside = new Map(buttons.flatMap(({ line, button }) => (line === undefined ? [] : [[line, button]])));
  const parts = texts.flatMap((text) => partsOf(text, beside));
  const shown = new Set(parts.flatMap((part) => (part.type === ComponentType.Section ? part.accessory : [])));
  const below = buttons.flatMap(({ button }) => (shown.has(button) ? [] : [button]));
  parts.push(...files.map(({ name }) => filePart(name)), ...(below.length === 0 ? [] : [rowOf(below)]));
  if (!fits({ texts, files, buttons }, parts)) return undefined;
  return {
    flags: MessageFlags.IsComponentsV2,
    allowed_mentions: noPings,
    components: [{ type: ComponentType.Container, components: parts }],
    ...filesOf(files),
  };
}

/** Whether so much text and such labels have room in one card. */
export function hasRoom({ texts, files, buttons }: CardContent): boolean {
  const all = [
    ...texts,
    ...files.map(({ name }) => name),
    ...buttons.map(({ button }) => button.label ?? ""),
  ];
  return all.reduce((sum, { length }) => sum + length, 0) <= maxChars;
}

/** The text, with each button that has a line of it beside that line. Takes the buttons that it places from `beside`. */
function partsOf(
  text: string,
  beside: Map<string, APIButtonComponentWithCustomId>,
): readonly APIComponentInContainer[] {
  const parts: APIComponentInContainer[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.some((line) => line.trim() !== "")) parts.push(textPart(lines.join("\n")));
    lines = [];
  };
  for (const line of text.split("\n")) {
    const accessory = beside.get(line);
    if (accessory === undefined) lines.push(line);
    else {
      flush();
      parts.push({ type: ComponentType.Section, components: [textPart(line)], accessory });
      beside.delete(line);
    }
  }
  flush();
  return parts;
}

function textPart(content: string) {
  return { type: ComponentType.TextDisplay, content } as const;
}

/** Discord shows an attachment of such a message only where a component names it. */
function filePart(name: string): APIComponentInContainer {
  return { type: ComponentType.File, file: { url: `attachment://${name}` } };
}

function fits(content: CardContent, parts: readonly APIComponentInContainer[]): boolean {
  const names = new Set(content.files.map(({ name }) => name));
  const areNamed = content.files.every(({ name }) => plainName.test(name));
  return (
    parts.length > 0 &&
    parts.length <= maxParts &&
    names.size === content.files.length &&
    areNamed &&
    hasRoom(content)
  );
}
