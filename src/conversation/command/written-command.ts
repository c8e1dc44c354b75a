/** A command that a person wrote as text. */
export interface WrittenCommand {
  /** As typed, in lower case. May be misspelt. */
  readonly name: string;
  readonly argument: string;
}
