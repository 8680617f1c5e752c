export interface Frame {
  /** As the engine writes it: `at function (file:line:column)`. */
  readonly line: string;
  readonly function: string;
  readonly file: string;
  readonly lineno?: number;
  readonly colno?: number;
}

export interface Thrown {
  readonly type: string;
  readonly code: string | undefined;
  /** Innermost first. */
  readonly frames: readonly Frame[];
}

const deepestFrame = 30;

/** What kind of error it is and where it was thrown, without its text. */
export function describeThrown(error: Error): Thrown {
  const { code } = error as { code?: unknown };
  const { stack = "", message } = error;
  // The stack begins with the text, and a text may have lines that look like frames.
  const textEnd = stack.includes(message) ? stack.indexOf(message) + message.length : 0;
  const lines = stack
    .slice(textEnd)
    .split("\n")
    .filter((line) => /^\s+at .+/.test(line));
  return {
    type: error.name,
    code: typeof code === "string" ? code : undefined,
    frames: lines.slice(0, deepestFrame).map((line) => toFrame(line.trim())),
  };
}

function toFrame(line: string): Frame {
  const [, name, file, lineno, colno] = /^at (?:(.+?) \()?(.*?)(?::(\d+))?(?::(\d+))?\)?$/.exec(line) ?? [];
  return {
    line,
    function: name ?? "<anonymous>",
    file: file ?? "<unknown>",
    ...(lineno !== undefined && { lineno: Number(lineno) }),
    ...(colno !== undefined && { colno: Number(colno) }),
  };
}
