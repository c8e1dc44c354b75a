import type { ActionId } from "./inbound.ts";

/**
 * Something that people can press under a post. A press arrives as a `Pressed` with the same `id`, `on` and `value`. It goes
 * away when the post is edited without it.
 *
 * `id`, `on` and `value` have at most 80 characters together, without line breaks: they travel in the button, and Discord
 * has 100 for them (https://discord.com/developers/docs/components/reference#button). Buttons beyond the fifth of a post
 * may be left out.
 */
export interface Action {
  /** What a press does. */
  readonly id: ActionId;
  /** Plain text, not empty. At most 75 characters (Slack's limit). */
  readonly label: string;
  /**
   * `menu`: a line of the post's menu; a platform without such menus leaves it out. `button`: a button of its own. `thumb`:
   * a button, shown as one of the platform's own feedback buttons where it has such a pair.
   */
  readonly style: "menu" | "button" | "thumb";
  /** The look of a button. `danger`: a press can't be undone. Missing: plain. A platform may ignore it. */
  readonly emphasis?: "primary" | "danger";
  /** What a press is about: a turn's id, for example; no colons. Missing: the conversation of the post. */
  readonly on?: string;
  /** What the press says to its action. `give-command`: the command, with its argument after a space. Missing: nothing. */
  readonly value?: string;
}
