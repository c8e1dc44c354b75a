/** The database can't be used. The message says why and what to do, without the password. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}
