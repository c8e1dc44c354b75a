/** What a person ordered in words. */
export interface WrittenCommand {
  /** As it was typed, in lower case: the name of a command, or one that looks much like it. */
  readonly name: string;
  readonly argument: string;
}
