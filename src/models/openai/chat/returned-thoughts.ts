import { asList, asObject, asText } from "../../json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a server gives of thoughts in whatever number of pieces. */
const mostDetails = 1_000;

/**
 * The thoughts before a call, in the fields in which a server of Chat Completions gives them: DeepSeek and Moonshot want
 * theirs back in words, OpenRouter as details, with their signatures.
 */
export class ReturnedThoughts {
  readonly #details: Fields[] = [];
  #words = "";

  /** @param message A chunk's, or the whole one. */
  add(message: Fields): void {
    this.#words += asText(message["reasoning_content"]);
    for (const each of asList(message["reasoning_details"])) this.#addDetail(asObject(each));
  }

  /** As they stand in the message that goes back. */
  get fields(): Fields {
    return {
      ...(this.#words === "" ? {} : { reasoning_content: this.#words }),
      ...(this.#details.length === 0 ? {} : { reasoning_details: this.#details }),
    };
  }

  /** Words come in pieces, and are one detail. */
  #addDetail(detail: Fields): void {
    const last = this.#details.at(-1) ?? {};
    const isMore = last["type"] === detail["type"] && last["index"] === detail["index"];
    const field = isMore ? ["text", "summary"].find((name) => typeof last[name] === "string") : undefined;
    if (field !== undefined) {
      const words = asText(last[field]) + asText(detail[field]);
      this.#details[this.#details.length - 1] = { ...last, ...detail, [field]: words };
    } else if (this.#details.length < mostDetails) this.#details.push(detail);
  }
}
