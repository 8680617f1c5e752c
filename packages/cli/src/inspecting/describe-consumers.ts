import type { DefinedConsumer } from "@belay/sdk/client";

/** What became of `belay changes define`. */
export function describeDefined(name: string, from: string, { created, unknownModels }: DefinedConsumer): string {
  const done = created ? `${name} begins at the ${from}.` : `${name} was there, and stays where it is.`;
  if (unknownModels.length === 0) return done;
  return `${done}\nNo sync of the configuration has ${unknownModels.map((model) => `"${model}"`).join(", ")}: nothing comes of that until one does. If it is misspelt: belay changes remove ${name}, and define it anew.`;
}
