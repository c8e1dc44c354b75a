import { z } from "zod";

import { invalidForm } from "./answer.ts";

const emoji = z.object({ name: z.string().regex(/^\p{RGI_Emoji}$/v) });

/** https://discord.com/developers/docs/components/reference#button */
export const button = z
  .object({
    type: z.literal(2),
    style: z.int().min(1).max(4),
    label: z.string().min(1).max(80).optional(),
    emoji: emoji.optional(),
    custom_id: z.string().min(1).max(100),
  })
  .refine((each) => each.label !== undefined || each.emoji !== undefined);
const select = z.object({ type: z.literal(3), custom_id: z.string().min(1).max(100) });
export const row = z.object({
  type: z.literal(1),
  components: z
    .array(z.union([button, select]))
    .min(1)
    .max(5),
});
const rows = z.array(row).max(5);

type Button = z.output<typeof button>;

/** Refuses what Discord refuses. */
export function checkComponents(components: unknown): void {
  if (components === undefined) return;
  const { success, data = [] } = rows.safeParse(components);
  const ids = data.flatMap((each) => each.components.map(({ custom_id: id }) => id));
  if (!success || new Set(ids).size < ids.length) throw invalidForm("components");
}

/** What people see on a button. */
export function labelOf({ label, emoji: shown }: Button): string {
  return [shown?.name, label].filter((part) => part !== undefined).join(" ");
}

export function buttonsIn(components: unknown): readonly Button[] {
  const { data = [] } = rows.safeParse(components);
  return data.flatMap((each) => each.components.filter((part) => part.type === 2));
}
