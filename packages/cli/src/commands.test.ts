import { expect, test } from "vitest";
import { commands } from "./commands.ts";

test.each(commands)("belay --help says of $name what the command says of itself", async ({ name, takes, does, load }) => {
  const command = await load();
  const takesItself = command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`));
  expect({ name, takes: takes ?? [], does }).toEqual({ name: command.name(), takes: takesItself, does: command.description() });
});
