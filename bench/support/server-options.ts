/**
 * How the command `belay` starts Node, so that what is measured is what is run: see docs/guide/operating.md. Young objects may take 16 MB before V8 looks at them. Old ones may become
 * three quarters more than was left of them: nearly all that passes through Belay is soon garbage, and V8 would let more than twice as much of it lie. With half, a short
 * walk took a tenth more CPU time.
 */
export const serverOptions: readonly string[] = ["--max-semi-space-size=16", "--heap-growing-percent=75"];
