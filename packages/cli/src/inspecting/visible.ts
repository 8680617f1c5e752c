/** Control characters but for tabs and the ends of lines, and those that turn the direction of a line. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text as it can be shown in a terminal: names, ids and errors come from providers, and from whoever fills in a form there. Written as they are, they could move the cursor, hide a row, or
 * put something on the clipboard.
 */
export function visible(text: string): string {
  return text.replaceAll(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The same of what stands in one line, or one cell of a table: a line end in it would begin a row that is none. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll("\n", "\\n");
}
