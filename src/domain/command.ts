/** Something a person can order; each platform shows it in its own way. */
export interface CommandDefinition {
  /** Lower case, without the slash: "reset". */
  readonly name: string;
  /** One line for menus, at most 100 characters (Discord's limit). */
  readonly description: string;
  /** The words that may follow, in any order, for usage hints: "share". */
  readonly options: readonly CommandOption[];
  /** Free text may follow. Missing: only the option words may. */
  readonly text?: CommandText;
  /**
   * What it is about. `conversation`: one, which has to be picked where none is in sight (a Slack channel).
   * `place`: the place or the asker, so that it runs anywhere; the conversation's key is then that of the place itself.
   */
  readonly concerns: "conversation" | "place";
}

/** A word that may follow a command's name: `/summary share`. */
interface CommandOption {
  readonly word: string;
  /** At most 100 characters. */
  readonly description: string;
}

interface CommandText {
  /** For hints: "words". */
  readonly name: string;
  /** At most 100 characters. */
  readonly description: string;
  readonly isRequired: boolean;
  /** What is said where it is required and missing. */
  readonly whenMissing?: string;
  /** What does not match is no such text: "@bot summary of the film?" is a question. Missing: any text is. */
  readonly pattern?: RegExp;
}
