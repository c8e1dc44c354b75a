/** A command that people can give, such as `/reset`. Each platform shows it in its own menu. */
export interface CommandDefinition {
  /** Lower case, without the slash: "reset". */
  readonly name: string;
  /** One line for menus, at most 100 characters (Discord's limit). */
  readonly description: string;
  /** The option words that may follow the name, in any order: "share". */
  readonly options: readonly CommandOption[];
  /** The free text that may follow. Missing: only option words may. */
  readonly text?: CommandText;
  /**
   * What the command works on. `conversation`: one conversation; the person picks it where the platform can't tell which
   * (a Slack channel). `place` and `person`: where it is given, or who gives it, so it runs anywhere.
   */
  readonly scope: "conversation" | "place" | "person";
  /** It needs no memory of a place, so it also works where the bot is no member. Missing: it needs one. */
  readonly worksAnywhere?: true;
}

/** A word that may follow a command's name, such as `share` in `/summary share`. */
interface CommandOption {
  readonly word: string;
  /** At most 100 characters. */
  readonly description: string;
}

interface CommandText {
  /** The name of the text in usage hints: "words". */
  readonly name: string;
  /** At most 100 characters. */
  readonly description: string;
  readonly isRequired: boolean;
  /** Shown when the text is required and missing. Missing: a general hint. */
  readonly whenMissing?: string;
  /** Text that does not match makes the message a question: "@bot summary of the film?". Missing: any text matches. */
  readonly pattern?: RegExp;
  /**
   * Texts to offer for what was typed so far, each of which the command takes. May be empty. Missing: there is nothing to
   * choose from.
   */
  readonly suggest?: (typed: string, nowMs: number) => readonly string[];
}
