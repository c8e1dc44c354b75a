import { Readable, pipeline, type Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";

/** The bytes of an answer, to be read once. Leaving them early ends the connection. */
export interface Body extends AsyncIterable<Uint8Array> {
  readonly cancel: () => void;
}

/** As fetch does: what some servers leave out is no error, be it the end or, in an answer without a body, everything. */
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };

const decoders: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: () => createGunzip(lenient),
  "x-gzip": () => createGunzip(lenient),
  deflate: () => createInflate(lenient),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ finishFlush: constants.ZSTD_e_flush }),
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
