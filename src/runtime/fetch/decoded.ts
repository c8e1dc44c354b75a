import { Readable, pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** The bytes of an answer, to be read once. Leaving them early ends the connection. */
export interface Body extends AsyncIterable<Uint8Array> {
  readonly cancel: () => void;
}

const decoders: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The decompressed body. We don't ask for compression, but some servers compress all the same. */
export function decoded(body: Body, encodings: string): Body {
  if (encodings === "") return body;
  const used = encodings.split(",").map((each) => each.trim().toLowerCase());
  // The last one was applied last.
  const chain = used.toReversed().filter((each) => each !== "" && each !== "identity");
  return chain.reduce((inner, each) => withDecoder(inner, decoders[each]), body);
}

function withDecoder(body: Body, open: (() => Transform) | undefined): Body {
  // As fetch does with an unknown encoding.
  if (open === undefined) return body;
  return {
    cancel: body.cancel,
    async *[Symbol.asyncIterator]() {
      const decoder = open();
      // Errors of the body reach the reader through the decoder.
      pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
      try {
        yield* decoder;
      } finally {
        // The decoder's end does not reach a body that waits for bytes.
        body.cancel();
      }
    },
  };
}
