/** Redis can't be used; the message says why and what to do, without the URL's password. */
export class RedisError extends Error {
  override readonly name = "RedisError";
}
