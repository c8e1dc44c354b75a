import { asList, asObject, asText } from "../../json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Bounds memory when a server sends reasoning in very many pieces. */
const maxDetails = 1_000;

/**
 * Collects the reasoning before a call, which goes back with the call: DeepSeek and Moonshot expect it as text, OpenRouter as
 * details with signatures.
 */
export class ReturnedThoughts {
  readonly #details: Fields[] = [];
  #words = "";

  /** @param message - of a chunk, or the whole one */
  add(message: Fields): void {
    this.#words += asText(message["reasoning_content"]);
    for (const each of asList(message["reasoning_details"])) this.#addDetail(asObject(each));
  }

  /** The fields of the message that goes back. */
  get fields(): Fields {
    return {
      ...(this.#words === "" ? {} : { reasoning_content: this.#words }),
      ...(this.#details.length === 0 ? {} : { reasoning_details: this.#details }),
    };
  }

  /** Pieces of text are joined into one detail. */
  #addDetail(detail: Fields): void {
    const last = this.#details.at(-1) ?? {};
    const isMore = last["type"] === detail["type"] && last["index"] === detail["index"];
    const field = isMore ? ["text", "summary"].find((name) => typeof last[name] === "string") : undefined;
    if (field !== undefined) {
      const words = asText(last[field]) + asText(detail[field]);
      this.#details[this.#details.length - 1] = { ...last, ...detail, [field]: words };
    } else if (this.#details.length < maxDetails) this.#details.push(detail);
  }
}
