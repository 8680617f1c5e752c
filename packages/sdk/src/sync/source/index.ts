/**
 * A resource as the source of walks: which of its listings are walked through, what their entries mean, and how far one has come.
 *
 * @module
 */
export { openSource } from "./open-source.ts";
export type { Source, SourceEntry, SourcePage, SourceState, SourceTaken } from "./open-source.ts";
export type { SourceWish } from "./parts.ts";
