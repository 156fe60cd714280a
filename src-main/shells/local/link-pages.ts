/**
 * The two pages that are shown without a session: the one behind a link, which exchanges its token, and the one that says how to get a new link.
 * The token stands in the fragment, so it never reaches a server log or a Referer, and leaves the address bar and the history entry at once.
 */

export const LINK_PAGE_PATH = '/open';
export const LINK_SCRIPT_PATH = '/open.js';
export const LINK_STYLE_PATH = '/open.css';
export const SESSION_PATH = '/api/session';

export const LINK_STYLE = `body { font: 16px/1.7 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1f2329; background: #f5f6f8; margin: 0; }
main { max-width: 36rem; margin: 12vh auto 0; padding: 2rem 2.25rem; background: #fff; border-radius: 8px; box-shadow: 0 1px 4px #0002; }
h1 { font-size: 1.25rem; margin: 0 0 .75rem; }
p { margin: .5rem 0; } code { background: #eef0f3; padding: .1em .4em; border-radius: 4px; } .code { color: #646a73; font-size: .875rem; }
[hidden] { display: none; }
`;

const page = (title: string, body: string, script: string) => `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${LINK_STYLE_PATH}">
${script}
</head>
<body>
${body}
</body>
</html>
`;

const HOW_TO_GET_A_LINK = `<h1>链接已失效 · This link is not valid any more</h1>
<p>打开标钥的链接只能使用一次，一小时内有效；它已用过、已过期或不属于当前运行的标钥。</p>
<p>请在终端运行 <code>npx bidkey open</code>，或再次运行 <code>npm start</code>，即可得到新链接。</p>
<p lang="en">A link to BidKey works once, within one hour. Run <code>npx bidkey open</code>, or <code>npm start</code> again, for a new one.</p>
<p class="code">SHELL_TOKEN_INVALID</p>`;

/** Shown for any page without a session. */
export const NO_SESSION_PAGE = page('标钥 BidKey', `<main>${HOW_TO_GET_A_LINK}</main>`, '');

export const LINK_PAGE = page(
  '标钥 BidKey',
  `<main id="opening"><h1>正在打开标钥… · Opening BidKey…</h1><noscript><p>请启用 JavaScript。<span lang="en">Please enable JavaScript.</span></p></noscript></main>
<main id="refused" hidden>${HOW_TO_GET_A_LINK}</main>`,
  `<script src="${LINK_SCRIPT_PATH}" defer></script>`,
);

export const LINK_SCRIPT = `'use strict';
(async () => {
  const token = location.hash.slice(1);
  history.replaceState(null, '', '${LINK_PAGE_PATH}');
  const answer = await fetch('${SESSION_PATH}', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }), credentials: 'same-origin', cache: 'no-store',
  }).catch(() => null);
  // A used link of this very browser still has its session: the screens decide.
  const known = answer?.ok || (await fetch('/', { credentials: 'same-origin', cache: 'no-store' }).catch(() => null))?.ok;
  if (known) { location.replace('/'); return; }
  document.getElementById('opening').hidden = true;
  document.getElementById('refused').hidden = false;
})();
`;
