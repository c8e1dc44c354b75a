import { z } from "zod";

import type { Action } from "../../../domain/action.ts";

/** What a button or a line of a menu sends back when it is pressed. */
const actionValue = z.object({ action: z.string(), on: z.string().optional(), value: z.string().optional() });

/** The action that was pressed. Its id may be one that this version does not know. */
export type PressedAction = z.output<typeof actionValue>;

/**
 * The value of an action's element. A command of the conversation stands there as it is written, as in the menus of
 * earlier versions; everything else as JSON. A button's value has at most 2,000 characters, a menu line's 150:
 * https://docs.slack.dev/reference/block-kit/composition-objects/option-object
 */
export function valueOfAction({ id, on, value }: Action): string {
  if (id === "give-command" && on === undefined && value !== undefined) return value;
  const pressed: PressedAction = {
    action: id,
    ...(on === undefined ? {} : { on }),
    ...(value === undefined ? {} : { value }),
  };
  return JSON.stringify(pressed);
}

/** Reads the value of a pressed element. Undefined if it can't be read. */
export function actionIn(value: string): PressedAction | undefined {
  if (!value.startsWith("{")) return { action: "give-command", value };
  try {
    return actionValue.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}
