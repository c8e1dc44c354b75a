import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

import { z } from "zod";

import type { Installation } from "../../domain/installation.ts";
import { StoreError } from "../../ports/store-error.ts";

/** Keys of 32 bytes. The first one seals, each of them opens. */
export type SecretKeys = readonly Uint8Array[];

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
const keyIdChars = 16;
/** The form of a sealed record: `1.<key id>.<nonce, tag and bytes as base64>`. */
const form = "1";

/** Whose record it is. A record that was copied to another place does not open there. */
export type InstallationName = Pick<Installation, "platform" | "id">;

const content = z.object({
  token: z.string(),
  account: z.record(z.string(), z.string()),
  installedAtMs: z.number(),
});

/** @throws {StoreError} without a key. */
export function sealInstallation(
  { platform, id, token, account, installedAtMs }: Installation,
  [key]: SecretKeys,
): string {
  if (key === undefined) throw new StoreError("SECRET_KEY is needed to store an installation");
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce);
  cipher.setAAD(associatedData({ platform, id }));
  const sealed = [cipher.update(JSON.stringify({ token, account, installedAtMs })), cipher.final()];
  const bytes = Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
  return `${form}.${keyIdOf(key)}.${bytes.toString("base64")}`;
}

/** Undefined when none of the keys opens it. */
export function openInstallation(
  name: InstallationName,
  sealed: string,
  keys: SecretKeys,
): Installation | undefined {
  const [found, keyId, encoded = ""] = sealed.split(".");
  const key = keys.find((each) => keyIdOf(each) === keyId);
  if (found !== form || key === undefined) return undefined;
  try {
    return { ...name, ...content.parse(JSON.parse(unseal(key, Buffer.from(encoded, "base64"), name))) };
  } catch {
    return undefined;
  }
}

/** @throws {StoreError} when none of the keys opens it. */
export function requireInstallation(name: InstallationName, sealed: string, keys: SecretKeys): Installation {
  const installation = openInstallation(name, sealed, keys);
  if (installation === undefined) throw new StoreError("SECRET_KEY does not open a stored installation");
  return installation;
}

function unseal(key: Uint8Array, bytes: Buffer, name: InstallationName): string {
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(associatedData(name));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString();
}

function associatedData({ platform, id }: InstallationName): Buffer {
  return Buffer.from(`installation ${platform}/${id}`);
}

/** Tells keys apart without telling anything about them. */
function keyIdOf(key: Uint8Array): string {
  return createHmac("sha256", key).update("id").digest("hex").slice(0, keyIdChars);
}
