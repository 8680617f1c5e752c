/** What can be wrong with a command as it was typed. */
export const commandErrors = {
  CLI_OPTION_INVALID: {
    retry: "never",
    meaning: "An option or environment variable of the command is missing or wrong; the message names it.",
  },
} as const;
