/** Where values stand that should not, with what is around them. */
export function leaksIn(place: string, text: string, values: readonly string[]): string[] {
  return values
    .filter((value) => text.includes(value))
    .map((value) => `${place}: ${value}, in …${text.slice(Math.max(0, text.indexOf(value) - 120), text.indexOf(value) + 60)}…`);
}
