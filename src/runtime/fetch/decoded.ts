import { Readable, pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

const decoders: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The decompressed body. We don't ask for compression, but some servers compress all the same. */
export function decoded(body: AsyncIterable<Uint8Array>, encodings: string): AsyncIterable<Uint8Array> {
  if (encodings === "") return body;
  const used = encodings.split(",").map((each) => each.trim().toLowerCase());
  // The last one was applied last.
  const chain = used.toReversed().filter((each) => each !== "" && each !== "identity");
  return chain.reduce((inner, each) => withDecoder(inner, decoders[each]), body);
}

function withDecoder(
  body: AsyncIterable<Uint8Array>,
  open: (() => Transform) | undefined,
): AsyncIterable<Uint8Array> {
  // As fetch does with an unknown encoding.
  if (open === undefined) return body;
  return {
    async *[Symbol.asyncIterator]() {
      const decoder = open();
      // Errors of the body reach the reader through the decoder.
      pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
      yield* decoder;
    },
  };
}
