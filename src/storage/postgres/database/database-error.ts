/** The database can't be used; the message says why and what to do, without its password. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
}
