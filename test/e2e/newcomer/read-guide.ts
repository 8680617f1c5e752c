/** What a reader of a guide does, in order. */
export type GuideStep =
  /** Types a command. `expect` is what the guide shows after it: then that counts, and not the exit code. */
  | { readonly kind: "run"; readonly command: string; readonly expect: string | undefined }
  /** Looks at what goes on running, until this is there. */
  | { readonly kind: "see"; readonly text: string }
  /** Changes lines of a file. */
  | { readonly kind: "change"; readonly file: string; readonly from: string; readonly to: string };

/** What a reader leaves running in a terminal of its own. */
export function staysRunning(command: string): boolean {
  return /^npm run dev\b|^npx belay (dev|start|simulate)\b/.test(command);
}

/**
 * Reads the steps of a guide from its code blocks: `sh` has commands, `text` what can be seen after them, `diff` a change. Other blocks are only shown.
 *
 * @throws when a diff names no file.
 */
export function readGuide(markdown: string): GuideStep[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = "", body = ""]) => ({ language, body }));
  const steps: GuideStep[] = [];
  for (const [index, { language, body }] of blocks.entries()) {
    if (language === "sh") {
      const commands = body.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
      for (const [position, command] of commands.entries()) {
        const next = blocks[index + 1];
        const shown = position === commands.length - 1 && next?.language === "text" && !staysRunning(command);
        steps.push({ kind: "run", command, expect: shown ? next.body.trim() : undefined });
      }
    } else if (language === "text") {
      const last = steps.at(-1);
      if (last?.kind !== "run" || last.expect === undefined) steps.push({ kind: "see", text: body.trim() });
    } else if (language === "diff") steps.push(readChange(body));
  }
  return steps;
}

function readChange(diff: string): GuideStep {
  const file = /^--- (.+)$/m.exec(diff)?.[1];
  if (file === undefined) throw new Error(`This change names no file:\n${diff}`);
  const lines = (sign: string): string =>
    diff
      .split("\n")
      .filter((line) => line.startsWith(sign) && !line.startsWith("---"))
      .map((line) => line.slice(1))
      .join("\n");
  return { kind: "change", file, from: lines("-"), to: lines("+") };
}
