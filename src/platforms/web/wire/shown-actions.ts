import { z } from "zod";

import type { Action } from "../../../domain/action.ts";

/** A button under a message, as pages get it. A page sends `id`, `on` and `value` back: see the frame `press`. */
export const shownAction = z.object({
  id: z.string(),
  label: z.string(),
  emphasis: z.enum(["primary", "danger"]).exactOptional(),
  on: z.string().exactOptional(),
  value: z.string().exactOptional(),
});

export type ShownAction = z.output<typeof shownAction>;

/** The page has a menu of commands of its own, so lines of a post's menu are left out. Thumbs are buttons like others. */
export function shownActions(actions: readonly Action[] = []): ShownAction[] {
  const buttons = actions.filter(({ style }) => style !== "menu");
  return buttons.map((action) => {
    const { style: _, ...shown } = action;
    return shown;
  });
}

export function areSame(some: readonly ShownAction[], others: readonly ShownAction[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
