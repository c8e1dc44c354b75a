import type { ContentPart, ImagePart } from "../../domain/content.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ImageFacts } from "../../domain/image.ts";
import type { Attachment, MessageId } from "../../domain/message.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { WhyUnread } from "../../domain/unread-file.ts";
import type { Model, ModelOutput } from "../../ports/model.ts";
import type { CountTokens } from "../memory/remembered-message.ts";
import type { UnreadFile } from "../text/unread-files.ts";

/** An image of a message: its bytes, or why the model can't be shown them. */
export interface ReadImage {
  readonly message: MessageId;
  /** Its place among the message's files. */
  readonly index: number;
  readonly file: Attachment & { readonly image: ImageFacts };
  readonly content: Uint8Array<ArrayBuffer> | WhyUnread;
}

/** What one prompt shows of the images. */
interface FittedImages {
  readonly tokens: number;
  /** What stands in place of a message's files, in their order. */
  readonly of: (message: Pick<RememberedMessage, "id">) => readonly (ContentPart | undefined)[];
  /** Tells which messages the prompt holds. */
  readonly note: (spoken: readonly Pick<RememberedMessage, "id">[]) => void;
}

const noImages: FittedImages = { tokens: 0, of: () => [], note: () => undefined };

/** The images that the prompts of one answer show, the most important first. */
export class ShownImages {
  readonly #images: readonly ReadImage[];
  readonly #model: { readonly countTokens: CountTokens; readonly seesImages?: () => boolean };
  /** Those that the last prompt held. */
  #held: ReadonlySet<ReadImage> = new Set();
  /** Those that its server rejected. */
  readonly #unseen = new Map<Uint8Array, WhyUnread>();

  constructor(
    images: readonly ReadImage[],
    model: { readonly countTokens: CountTokens; readonly seesImages?: () => boolean },
  ) {
    this.#images = images;
    this.#model = model;
  }

  /** The model for the calls of this answer. It is not shown an image again that its server rejected. */
  shownTo({ answer }: Pick<Model, "answer">): Pick<Model, "answer"> {
    if (this.#images.length === 0) return { answer };
    return { answer: (prompt, signal) => this.#noting(answer(this.#withoutUnseen(prompt), signal)) };
  }

  /** For a prompt in which images may take so many tokens. */
  fit(room: number): FittedImages {
    if (this.#images.length === 0) return noImages;
    const parts = new Map<MessageId, (ContentPart | undefined)[]>();
    const fitting = new Set<ReadImage>();
    let tokens = 0;
    for (const image of this.#images) {
      const part = this.#partOf(image, room - tokens);
      const ofMessage = parts.get(image.message) ?? [];
      ofMessage[image.index] = part.content;
      parts.set(image.message, ofMessage);
      tokens += part.tokens;
      if (part.content.kind === "image") fitting.add(image);
    }
    return {
      tokens,
      of: ({ id }) => parts.get(id) ?? [],
      note: (spoken) => {
        const ids = new Set(spoken.map(({ id }) => id));
        this.#held = new Set([...fitting].filter(({ message }) => ids.has(message)));
      },
    };
  }

  /** The images of these messages that the last prompt did not show, or that the model did not see. */
  notShown(messages: readonly Pick<RememberedMessage, "id">[]): readonly UnreadFile[] {
    if (this.#images.length === 0) return [];
    const ids = new Set(messages.map(({ id }) => id));
    const sees = this.#model.seesImages?.() === true;
    return this.#images.flatMap((image): readonly UnreadFile[] => {
      const { message, file, content } = image;
      if (!ids.has(message) || (sees && this.#held.has(image) && this.#whyNot(content) === undefined))
        return [];
      const why = this.#whyNot(content) ?? "too-many";
      return [{ name: file.name, unread: sees ? why : "no-sight" }];
    });
  }

  async *#noting(outputs: AsyncIterable<ModelOutput>): AsyncGenerator<ModelOutput> {
    for await (const output of outputs) {
      if (output.kind !== "unseen") yield output;
      else for (const { bytes } of output.images) this.#unseen.set(bytes, output.why);
    }
  }

  #withoutUnseen(prompt: Prompt): Prompt {
    if (this.#unseen.size === 0) return prompt;
    const messages = prompt.messages.map(({ role, content }) => ({
      role,
      content: typeof content === "string" ? content : content.map((part) => this.#seenOrNamed(part)),
    }));
    return { ...prompt, messages };
  }

  #seenOrNamed(part: ContentPart): ContentPart {
    const why = part.kind === "image" ? this.#unseen.get(part.bytes) : undefined;
    return part.kind !== "image" || why === undefined ? part : namedOnly(attachmentOf(part), why);
  }

  /** Undefined: nothing is known against it. */
  #whyNot(content: ReadImage["content"]): WhyUnread | undefined {
    return typeof content === "string" ? content : this.#unseen.get(content);
  }

  #partOf(
    { file, content }: ReadImage,
    room: number,
  ): { readonly content: ContentPart; readonly tokens: number } {
    if (typeof content === "string") return { content: namedOnly(file, content), tokens: 0 };
    const why = this.#whyNot(content);
    if (why !== undefined) return { content: namedOnly(file, why), tokens: 0 };
    const part = { kind: "image", name: file.name, ...file.image, bytes: content } as const;
    const tokens = this.#model.countTokens([part]);
    return tokens > room ? { content: namedOnly(file, "too-many"), tokens: 0 } : { content: part, tokens };
  }
}

function attachmentOf({ name, mediaType, width, height }: ImagePart): Attachment {
  return { name, image: { mediaType, width, height } };
}

/** Its name and why it is not shown. The tokens are counted for the name alone. */
function namedOnly(file: Attachment, unread: WhyUnread): ContentPart {
  const { tokens: _, ...rest } = file;
  return { kind: "file", ...rest, unread };
}
