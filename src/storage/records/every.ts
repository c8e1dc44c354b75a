import type { z } from "zod";

/** Requires a schema for each property. zod would silently drop a property without one. */
export type Every<T> = Readonly<Record<keyof T, z.ZodType>>;
