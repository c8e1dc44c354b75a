/** Something a person can order; each platform shows it in its own way. */
export interface CommandDefinition {
  /** Lower case, without the slash: "reset". */
  readonly name: string;
  /** One line for menus, at most 100 characters (Discord's limit). */
  readonly description: string;
  /** The words that may follow, for usage hints: "share". */
  readonly options: readonly CommandOption[];
}

/** A word that may follow a command's name: `/summary share`. */
interface CommandOption {
  readonly word: string;
  /** At most 100 characters. */
  readonly description: string;
}
