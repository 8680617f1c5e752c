/** The names in braces of a text: `"{email}/token"` has `"email"`. */
export type FieldsIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | FieldsIn<Rest> : never;

const placeholder = /\{(\w+)\}/g;

/** The same at run time, each once, in the order in which they stand. */
export function fieldsIn(...texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(placeholder)].flatMap(([, name]) => name ?? [])))];
}

/** The text with its placeholders filled. What is filled in is not looked at again. */
export function fill(text: string, valueOf: (name: string) => string): string {
  return text.replaceAll(placeholder, (_whole, name: string) => valueOf(name));
}
