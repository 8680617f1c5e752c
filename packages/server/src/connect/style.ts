/** The whole of the pages' style. System fonts and colours of our own; light and dark as the machine wants it; from 320 pixels on. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #ffffff; --text: #1b1f27; --quiet: #565d6b; --line: #d5d9e0; --field: #ffffff;
  --action: #1d4fd7; --action-over: #173fae; --on-action: #ffffff; --wrong: #b3261e; --wrong-back: #fdf0ef; --good: #17693b; --good-back: #ecf7f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --card: #1b2029; --text: #e9ecf2; --quiet: #a4adbc; --line: #394150; --field: #141820;
    --action: #8fb0ff; --action-over: #b0c7ff; --on-action: #0d1a3a; --wrong: #ffb4ab; --wrong-back: #3a1f1d; --good: #8fdcae; --good-back: #17301f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; align-items: flex-start; justify-content: center; padding: 4rem 1rem 2rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { width: 100%; max-width: 27rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 2rem; }
h1 { margin: 0 0 0.5rem; font-size: 1.375rem; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1rem; font-weight: 650; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 0.9375rem; }
ul.access { list-style: none; margin: 0 0 1rem; padding: 0; border-top: 1px solid var(--line); }
ul.access li { padding: 0.625rem 0; border-bottom: 1px solid var(--line); }
ul.access label, ul.access .line { display: flex; gap: 0.625rem; align-items: baseline; font-weight: 400; margin: 0; }
ul.access input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--action); transform: translateY(0.1875rem); }
ul.access .mark { flex: none; width: 1.125rem; color: var(--good); font-weight: 700; }
.badge { color: var(--quiet); font-size: 0.8125rem; margin-left: auto; }
.field { margin: 0 0 1.25rem; }
label { display: block; font-weight: 600; margin: 0 0 0.25rem; }
.help { display: block; color: var(--quiet); font-size: 0.875rem; margin: 0 0 0.375rem; overflow-wrap: anywhere; }
.field input, .field textarea { width: 100%; font: inherit; color: inherit; background: var(--field); border: 1px solid var(--quiet); border-radius: 0.5rem; padding: 0.625rem 0.75rem; min-height: 2.75rem; }
.field textarea { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.875rem; resize: vertical; }
[aria-invalid="true"] { border-color: var(--wrong); box-shadow: 0 0 0 1px var(--wrong); }
.wrong { display: block; color: var(--wrong); font-size: 0.9375rem; margin: 0.375rem 0 0; }
.notice { border-radius: 0.5rem; padding: 0.75rem 1rem; margin: 1rem 0 1.25rem; background: var(--wrong-back); color: var(--wrong); }
.notice.good { background: var(--good-back); color: var(--good); }
.notice p { margin: 0; } .notice p + p, .notice ul { margin: 0.25rem 0 0; } .notice ul { padding-left: 1.25rem; } .notice a { color: inherit; }
.actions { display: flex; flex-direction: column; gap: 0.75rem; margin-top: 1.5rem; }
button, .button { display: block; width: 100%; font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; border: 1px solid transparent; border-radius: 0.5rem; padding: 0.6875rem 1rem; min-height: 2.75rem; background: var(--action); color: var(--on-action); }
button:hover, .button:hover { background: var(--action-over); }
button.second { background: transparent; color: var(--text); border-color: var(--quiet); }
button.second:hover { background: var(--page); }
.back { text-align: center; color: var(--quiet); padding: 0.5rem; }
a { color: var(--action); }
:focus-visible { outline: 3px solid var(--action); outline-offset: 2px; }
@media (max-width: 30rem) { body { padding: 1rem 0.75rem; } main { padding: 1.5rem 1.25rem; } }
`;
