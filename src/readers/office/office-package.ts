import type { BoundedText } from "../text/bounded-text.ts";
import { Unreadable } from "../text/unreadable.ts";
import { attribute, readXml, type XmlHandler } from "./read-xml.ts";
import { ZipParts } from "./zip-parts.ts";

/** Relationships of one part. More are no document of a person. */
const maxRelationships = 100_000;
const contentTypes = "[Content_Types].xml";

/** A reference from one part of an office file to another, or to an address outside. */
interface Relationship {
  /** The last word of its type, such as `slide` or `hyperlink`. */
  readonly type: string;
  /** A path in the file. Of a relationship to the outside: its address, which is never read. */
  readonly target: string;
}

/** The relationships of a part, by their ids. */
export type Relationships = ReadonlyMap<string, Relationship>;

/** What the first relationship of a type leads to. */
export function targetOfType(relationships: Relationships, type: string): string | undefined {
  return [...relationships.values()].find((each) => each.type === type)?.target;
}

/** Where an office file begins. */
interface MainPart {
  readonly path: string;
  /** As the file declares it, such as `application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml`. */
  readonly contentType: string;
}

/** A docx, xlsx or pptx file: parts of XML that refer to one another. */
export class OfficePackage {
  readonly #parts: ZipParts;
  readonly #limit: BoundedText;

  private constructor(parts: ZipParts, limit: BoundedText) {
    this.#parts = parts;
    this.#limit = limit;
  }

  /** @throws {Unreadable} */
  static async open(bytes: Uint8Array<ArrayBuffer>, limit: BoundedText): Promise<OfficePackage> {
    const parts = await ZipParts.open(bytes);
    if (parts.has("EncryptedPackage")) throw new Unreadable("encrypted");
    if (!parts.has(contentTypes)) throw new Unreadable("unknown-type");
    return new OfficePackage(parts, limit);
  }

  /** The part that everything begins with. @throws {Unreadable} */
  async mainPart(): Promise<MainPart> {
    const relationships = await this.relationships("");
    const path = targetOfType(relationships, "officeDocument");
    if (path === undefined || !this.#parts.has(path)) throw new Unreadable("broken");
    let contentType = "";
    await this.read(contentTypes, {
      onOpen: (_, attributes) => {
        if (attribute(attributes, "PartName") === `/${path}`)
          contentType = attribute(attributes, "ContentType") ?? "";
      },
    });
    return { path, contentType };
  }

  /** False: there is no such part. @throws {Unreadable}, and what the handler throws. */
  async read(path: string, handler: XmlHandler): Promise<boolean> {
    const bytes = await this.#parts.read(path);
    if (bytes === undefined) return false;
    await readXml(bytes, handler, this.#limit);
    return true;
  }

  /** What a part refers to. @throws {Unreadable} */
  async relationships(path: string): Promise<Relationships> {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const found = new Map<string, Relationship>();
    await this.read(`${folder}_rels/${path.slice(folder.length)}.rels`, {
      onOpen: (name, attributes) => {
        const target = attribute(attributes, "Target");
        const id = attribute(attributes, "Id");
        if (name !== "Relationship" || target === undefined || id === undefined) return;
        if (found.size >= maxRelationships) throw new Unreadable("too-large");
        const isOutside = attribute(attributes, "TargetMode") === "External";
        const type = attribute(attributes, "Type")?.split("/").at(-1) ?? "";
        found.set(id, { type, target: isOutside ? target : resolvePath(folder, target) });
      },
    });
    return found;
  }
}

function resolvePath(folder: string, target: string): string {
  if (target.startsWith("/")) return target.slice(1);
  const path: string[] = [];
  for (const step of `${folder}${target}`.split("/")) {
    if (step === "..") path.pop();
    else if (step !== "." && step !== "") path.push(step);
  }
  return path.join("/");
}
