/** The look of the service's own pages, and what those with a script may do. */

/** Content-Security-Policy of a page with its own style and script, that speaks to this service and nobody else. */
export const SCRIPTED_PAGE_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export const PAGE_STYLE = `
:root { color-scheme: light; font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1f2329; background: #f5f6f8; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.4rem; font-size: 1.25rem; } section > h2:first-child { margin-top: 0; }
section, article { background: #fff; border: 1px solid #e1e4e8; border-radius: 8px; padding: 1rem 1.25rem; margin: 1rem 0; }
code, pre { font: 0.9rem/1.5 ui-monospace, Consolas, monospace; }
pre { overflow: auto; background: #f5f6f8; padding: 0.75rem; border-radius: 6px; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: 0.4rem 0.6rem; border-bottom: 1px solid #e1e4e8; vertical-align: top; }
.method { font-weight: 700; display: inline-block; min-width: 4.5rem; color: #0958d9; }
.muted { color: #57606a; } .tag { border: 1px solid #c9ced6; border-radius: 4px; padding: 0 0.4rem; font-size: 0.85rem; margin-right: 0.3rem; }
a { color: #0958d9; } summary { cursor: pointer; }
.failure { background: #fff1f0; border: 1px solid #cf1322; border-radius: 8px; padding: 0.5rem 1rem; }
button { font: inherit; padding: 0.2rem 1rem; margin-right: 0.5rem; border-radius: 6px; border: 1px solid #0958d9; background: #0958d9; color: #fff; cursor: pointer; }
button.refuse { background: #fff; color: #cf1322; border-color: #cf1322; }
`;
