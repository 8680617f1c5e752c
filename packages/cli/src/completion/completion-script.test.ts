import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript } from "./completion-script.ts";

const commands = [
  { name: "dev", does: "Run Belay's server", options: ["--port", "--simulate", "--help"] },
  { name: "start", does: "Run it on Postgres", options: ["--roles", "--help"] },
];

test("bash completes commands, and after a command its options", () => {
  const complete = (...words: string[]): string[] => {
    const ask = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _belay; echo "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", `${completionScript("bash", commands)}\n${ask}`], { encoding: "utf8" })
      .trim()
      .split(" ");
  };
  expect(complete("belay", "")).toEqual(["dev", "start"]);
  expect(complete("belay", "st")).toEqual(["start"]);
  expect(complete("belay", "dev", "--s")).toEqual(["--simulate"]);
});

test("zsh and fish get the same words, with quotes kept", () => {
  expect(completionScript("zsh", commands)).toContain(`'dev:Run Belay'\\''s server'`);
  expect(completionScript("fish", commands)).toContain("complete -c belay -n '__fish_seen_subcommand_from dev' -l simulate");
});
