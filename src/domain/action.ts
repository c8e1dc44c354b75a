/** Something that people can press under a post. */
export interface Action {
  /** What a press does. `command`: it gives the command in `value`, with its argument after a space. */
  readonly id: "command";
  /** At most 75 characters (Slack's limit). */
  readonly label: string;
  /** `menu`: a line of the post's menu. A platform without such menus leaves it out. */
  readonly style: "menu";
  readonly value: string;
}
