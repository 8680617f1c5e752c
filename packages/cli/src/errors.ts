import type { ErrorTable } from "@belay/sdk";

/** What can be wrong with a command as it was typed. */
export const commandErrors = {
  CLI_OPTION_INVALID: {
    class: "request-mistake",
    retry: "never",
    meaning: "An option or environment variable of the command is missing or wrong; the message names it.",
  },
  CLI_CONNECTOR_UNKNOWN: {
    class: "configuration-mistake",
    retry: "never",
    meaning:
      "No connector was found under this name, path or package, or it could not be imported; the message names those that are there.",
  },
  CLI_CONFIG_MISSING: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The configuration file does not exist; the message says where it was looked for.",
  },
  CLI_PROJECT_EXISTS: {
    class: "request-mistake",
    retry: "never",
    meaning: "The folder for a new project is not empty; nothing was changed. Choose another folder.",
  },
  CLI_SERVER_UNKNOWN: {
    class: "request-mistake",
    retry: "never",
    meaning: "No server is known: none was started by belay dev in this folder, and neither --url nor BELAY_URL names one.",
  },
  CLI_SERVER_SILENT: {
    class: "installation",
    retry: "backoff",
    meaning: "No server answers at its address; the message says how to start one.",
  },
  CLI_SAMPLE_IMPOSSIBLE: {
    class: "request-mistake",
    retry: "never",
    meaning:
      "An event could not be sent as asked: its connection, type or payload is not there, or Belay refused it; the message says which.",
  },
  CLI_PORT_TAKEN: {
    class: "request-mistake",
    retry: "never",
    meaning: "Something else listens on the port already; choose another with --port, or 0 for any that is free.",
  },
} as const satisfies ErrorTable;
