import type { TurnSettings } from "../../domain/turn-settings.ts";
import type { Tool } from "./tool.ts";

/** All tools that the model can be given. */
export class ToolBox {
  readonly #tools: readonly Tool[];

  /** @throws {TypeError} when two tools have the same name. */
  constructor(tools: readonly Tool[]) {
    const names = new Set(tools.map(({ definition }) => definition.name));
    if (names.size < tools.length) throw new TypeError("Two tools have the same name");
    this.#tools = tools;
  }

  /** The tools of a turn. Their order never changes: they belong to the prefix of the prompt that providers reuse. */
  for({ tools }: Pick<TurnSettings, "tools">): readonly Tool[] {
    return tools === "all"
      ? this.#tools
      : this.#tools.filter(({ definition }) => tools.includes(definition.name));
  }
}
