import { z } from "zod";

import { invalidForm } from "./answer.ts";
import { button, row } from "./buttons.ts";
import type { Uploaded, Written } from "./world.ts";
import type { Body } from "./written.ts";

/** IS_COMPONENTS_V2: https://docs.discord.com/developers/components/reference */
const cardFlag = 1 << 15;
const mostComponents = 40;
const mostChars = 4_000;

const text = z.strictObject({ type: z.literal(10), content: z.string().min(1) });
const file = z.strictObject({
  type: z.literal(13),
  file: z.strictObject({ url: z.string().regex(/^attachment:\/\/[\w.-]+$/u) }),
});
const section = z.strictObject({
  type: z.literal(9),
  components: z.array(text).min(1).max(3),
  accessory: button,
});
const separator = z.strictObject({ type: z.literal(14), divider: z.boolean().optional() });
const part = z.union([row, text, section, separator, file]);
const container = z.strictObject({ type: z.literal(17), components: z.array(part).min(1).max(10) });
const card = z.array(z.union([container, part])).min(1);

type Part = z.output<typeof part>;
export type Shown = Pick<Written, "content" | "flags" | "components">;
export type CardButton = z.output<typeof button>;

export function isCard({ flags }: Pick<Written, "flags">): boolean {
  return (flags & cardFlag) !== 0;
}

/**
 * Reads a message in Components V2 as strictly as Discord: it has nothing beside its components, and an edit of a message that
 * had plain content clears that. https://docs.discord.com/developers/resources/message#edit-message
 */
export function readCard(body: Body, before: Written | undefined, files: readonly Uploaded[]): Written {
  const flags = Number(body["flags"] ?? before?.flags ?? 0);
  if (!isCard({ flags })) throw invalidForm("flags: IS_COMPONENTS_V2 can't be removed");
  const hasContent = typeof body["content"] === "string" || (body["content"] !== null && before?.content);
  if (hasContent) throw invalidForm("content can't be used with IS_COMPONENTS_V2");
  for (const field of ["embeds", "poll", "sticker_ids"])
    if (body[field] !== undefined) throw invalidForm(`${field} can't be used with IS_COMPONENTS_V2`);
  const components = body["components"] ?? before?.components;
  const { success, data = [] } = card.safeParse(components);
  if (!success) throw invalidForm("components");
  checkLimits(data, files);
  const shown = files.length === 0 ? {} : { files };
  return { content: "", allowedMentions: body["allowed_mentions"], flags, components, ...shown };
}

function checkLimits(parts: z.output<typeof card>, files: readonly Uploaded[]): void {
  const all = parts.flatMap((each) => (each.type === 17 ? each.components : [each]));
  const inside = all.reduce((sum, each) => sum + componentsIn(each), 0);
  const containers = parts.filter(({ type }) => type === 17).length;
  if (containers + inside > mostComponents) throw invalidForm("components: more than 40");
  const chars = textsIn(parts).reduce((sum, { length }) => sum + length, 0);
  if (chars > mostChars) throw invalidForm("components: more than 4000 characters");
  const ids = buttonsOf(parts).map(({ custom_id: id }) => id);
  if (new Set(ids).size < ids.length) throw invalidForm("components: custom_id is not unique");
  const names = new Set(files.map(({ name }) => `attachment://${name}`));
  if (all.some((each) => each.type === 13 && !names.has(each.file.url))) throw invalidForm("file");
}

function componentsIn(each: Part): number {
  if (each.type === 9) return each.components.length + 2;
  return each.type === 1 ? each.components.length + 1 : 1;
}

function textsIn(parts: z.output<typeof card>): readonly string[] {
  return parts.flatMap((each) => {
    if (each.type === 17) return textsIn(each.components);
    if (each.type === 9) return each.components.map(({ content }) => content);
    return each.type === 10 ? [each.content] : [];
  });
}

function buttonsOf(parts: z.output<typeof card>): readonly CardButton[] {
  return parts.flatMap((each) => {
    if (each.type === 17) return buttonsOf(each.components);
    if (each.type === 9) return [each.accessory];
    return each.type === 1 ? each.components.filter((inside) => inside.type === 2) : [];
  });
}

/** What people read in a message, whichever way it is written. */
export function textIn({ content, flags, components }: Shown): string {
  if (!isCard({ flags })) return content;
  return textsIn(card.parse(components)).join("\n");
}

/** The buttons of a message in Components V2, from top to bottom. */
export function buttonsInCard({ flags, components }: Shown): readonly CardButton[] {
  return isCard({ flags }) ? buttonsOf(card.parse(components)) : [];
}
