/** A line of what happens, with the time of day. */
export function timed(line: string, now = new Date()): string {
  return `${now.toTimeString().slice(0, 8)}  ${line}\n`;
}
