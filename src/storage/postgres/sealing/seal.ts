import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const noncesAtOnce = 256;
const tagBytes = 16;
/** Compressed here, because Postgres can't compress what is sealed. */
const compressFromBytes = 500;
const kinds = { plain: 0, packed: 1 } as const;

export function seal(key: Buffer, text: string): Buffer {
  const plain = Buffer.from(text);
  const isCompressed = plain.length >= compressFromBytes;
  return sealAs(isCompressed ? kinds.packed : kinds.plain, key, isCompressed ? deflateRawSync(plain) : plain);
}

/** Seals bytes of a file, which are seldom worth compressing. */
export function sealBytes(key: Buffer, bytes: Uint8Array): Buffer {
  return sealAs(kinds.plain, key, bytes);
}

/** Node makes a cipher from a KeyObject in a quarter of the time that it takes from bytes. */
function sealAs(kind: number, key: Buffer, bytes: Uint8Array): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv(algorithm, createSecretKey(key), nonce);
  const sealed = [cipher.update(Buffer.concat([Buffer.of(kind), bytes])), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

/** Random bytes for the next nonces: Node takes as long for a few as for many. */
let unusedNonces = Buffer.alloc(0);

function nextNonce(): Buffer {
  if (unusedNonces.length === 0) unusedNonces = randomBytes(nonceBytes * noncesAtOnce);
  const nonce = unusedNonces.subarray(0, nonceBytes);
  unusedNonces = unusedNonces.subarray(nonceBytes);
  return nonce;
}

/** @throws {Error} with another key, and for changed bytes. */
export function unseal(key: Buffer, sealed: Buffer): string {
  return unsealBytes(key, sealed).toString("utf8");
}

/** @throws {Error} with another key, and for changed bytes. */
export function unsealBytes(key: Buffer, sealed: Buffer): Buffer {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, createSecretKey(key), nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  const opened = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
  const bytes = opened.subarray(1);
  return opened[0] === kinds.packed ? inflateRawSync(bytes) : bytes;
}
