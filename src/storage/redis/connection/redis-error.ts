/** Redis can't be used. The message says why and what to do, without the password. */
export class RedisError extends Error {
  override readonly name = "RedisError";
}
