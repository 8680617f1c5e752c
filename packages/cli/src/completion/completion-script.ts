export const shells = ["bash", "zsh", "fish"] as const;

/** A command, what it does in a few words, and what can follow it. */
export interface CompletedCommand {
  readonly name: string;
  readonly does: string;
  readonly options: readonly string[];
}

/** The script for a shell: commands after `belay`, a command's own words after that, files where neither fits. */
export function completionScript(shell: (typeof shells)[number], commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return zsh(commands);
    case "fish":
      return fish(commands);
  }
}

function bash(commands: readonly CompletedCommand[]): string {
  return `_belay() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(" ")}"
  else
    case "\${COMP_WORDS[1]}" in
${commands.map(({ name, options }) => `      ${name}) words="${options.join(" ")}" ;;`).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _belay belay
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef belay
_belay() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands.map(({ name, does }) => `      ${quoted(`${name}:${does}`)}`).join("\n")}
    )
    _describe command commands
  else
    case "$words[2]" in
${commands.map(({ name, options }) => `      ${name}) compadd -- ${options.join(" ")} ;;`).join("\n")}
    esac
    _files
  fi
}
compdef _belay belay
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, does, options }) => [
    `complete -c belay -n __fish_use_subcommand -a ${name} -d ${quoted(does)}`,
    ...options.map((option) => {
      const word = option.startsWith("--") ? `-l ${option.slice(2)}` : `-a ${option}`;
      return `complete -c belay -n '__fish_seen_subcommand_from ${name}' ${word}`;
    }),
  ]);
  return `${lines.join("\n")}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
