import type { ActionId } from "./inbound.ts";

/** Something that people can press under a post. */
export interface Action {
  /** What a press does. */
  readonly id: Extract<ActionId, "give-command">;
  /** At most 75 characters (Slack's limit). */
  readonly label: string;
  /** `menu`: a line of the post's menu. A platform without such menus leaves it out. */
  readonly style: "menu";
  /** The command, with its argument after a space. */
  readonly value: string;
}
