/** The staff page: no foreign assets, no script in the page. It speaks to the same REST endpoints as anybody, sets text and never markup, and keeps its session in memory: a page that is left is logged out. */
export const STAFF_HTML = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>审核台 Review · BidKey CA</title>
<link rel="stylesheet" href="/docs/page.css">
<link rel="stylesheet" href="/staff/staff.css">
</head>
<body>
<h1>BidKey 审核台</h1>
<p id="failure" class="failure" role="alert" hidden></p>
<section id="login-section" aria-labelledby="login-title">
<h2 id="login-title">工作人员登录 Staff log-in</h2>
<form id="login" autocomplete="off">
<p><label for="login-name">用户名 Name</label> <input id="login-name" required minlength="3" maxlength="64" autocomplete="username"></p>
<p><label for="password">密码 Password</label> <input id="password" type="password" required minlength="1" maxlength="128" autocomplete="current-password"></p>
<p><button type="submit">登录 Log in</button></p>
</form>
</section>
<main id="desk" hidden>
<p><span id="who" class="muted"></span> <button id="logout" class="plain" type="button">退出 Log out</button></p>
<nav aria-label="申请状态"><ul id="states"></ul></nav>
<p id="none" class="muted">没有申请。 No requests.</p>
<ol id="requests"></ol>
<p><button id="more" class="plain" type="button" hidden>更多 More</button></p>
</main>
<script src="/staff/staff.js"></script>
</body>
</html>
`;

export const STAFF_STYLE = `
label { display: inline-block; min-width: 8rem; }
input, textarea { font: inherit; padding: 0.2rem 0.5rem; max-width: 100%; }
button.plain { background: #fff; color: #0958d9; }
button:focus-visible, input:focus-visible, textarea:focus-visible { outline: 3px solid #69b1ff; outline-offset: 1px; }
#states { list-style: none; display: flex; flex-wrap: wrap; gap: 0.5rem; padding: 0; }
#states [aria-pressed='true'] { background: #0958d9; color: #fff; }
#requests { list-style: none; margin: 0; padding: 0; }
#requests > li { border: 1px solid #e1e4e8; border-radius: 8px; padding: 0.75rem 1rem; margin: 0.75rem 0; }
#requests h3 { margin: 0 0 0.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0 0 0.5rem; }
dt { color: #57606a; }
dd { margin: 0; overflow-wrap: anywhere; }
`;

export const STAFF_SCRIPT = `'use strict';
const KINDS = { 'new-issue': '新领', renewal: '延期', change: '变更', unlock: '解锁', revocation: '吊销', suspension: '挂失', release: '解除冻结', reissue: '补办', 'key-recovery': '密钥恢复' };
const STATES = { submitted: '待审核', 'in-review': '审核中', approved: '审核通过', 'awaiting-payment': '待支付', 'code-sent': '授权码已发送', writing: '制证中', completed: '已完成', rejected: '未通过' };
const SUBJECT = { commonName: '名称', organisationName: '机构名称', unifiedSocialCreditCode: '统一社会信用代码', identityNumber: '身份证号', handlerName: '经办人', province: '省', locality: '市' };
const WITH_RECOVERY = ['reissue', 'key-recovery'];
const ENDED_BY_STAFF = ['unlock', 'key-recovery'];
const RECOVERABLE = ['in-review', 'approved', 'awaiting-payment', 'paid', 'code-sent', 'writing'];
const beijing = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium' });
const byId = (id) => document.getElementById(id);
const failure = byId('failure');
let session = null;
let state = 'submitted';
let next = null;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

async function call(method, path, body) {
  const headers = {};
  if (body) headers['content-type'] = 'application/json';
  if (session) headers.authorization = 'Bearer ' + session.accessToken;
  const response = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  const text = await response.text();
  const answer = text === '' ? null : JSON.parse(text);
  if (!response.ok) {
    if (response.status === 401 && session) leave();
    throw new Error(answer.title + ' (' + answer.code + ')');
  }
  return answer;
}

async function attempt(work) {
  failure.hidden = true;
  try {
    await work();
  } catch (error) {
    failure.textContent = error.message;
    failure.hidden = false;
  }
}

function leave() {
  session = null;
  byId('desk').hidden = true;
  byId('login-section').hidden = false;
  byId('requests').replaceChildren();
}

function button(text, className, work) {
  const made = element('button', text, className);
  made.type = 'button';
  made.addEventListener('click', () => {
    made.disabled = true;
    attempt(work).then(() => { made.disabled = false; });
  });
  return made;
}

function facts(rows) {
  const list = element('dl');
  for (const [name, value] of rows) if (value !== null && value !== undefined && value !== '') list.append(element('dt', name), element('dd', String(value)));
  return list;
}

async function act(request, what, body) {
  await call('POST', '/v1/requests/' + encodeURIComponent(request.id) + '/' + what, body);
  await show();
}

async function saveMaterial(request, material) {
  const answer = await call('GET', '/v1/requests/' + encodeURIComponent(request.id) + '/materials/' + encodeURIComponent(material.id));
  const bytes = Uint8Array.from(atob(answer.content), (character) => character.charCodeAt(0));
  const link = element('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: material.mediaType }));
  link.download = material.fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function withReason(request, labelText, buttonText, what) {
  const box = element('p');
  const label = element('label', labelText);
  const input = element('input');
  input.id = 'reason-' + request.id;
  input.maxLength = 300;
  label.htmlFor = input.id;
  box.append(label, input, ' ', button(buttonText, 'refuse', () => act(request, what, { reason: input.value })));
  return box;
}

function actions(request) {
  const box = element('div');
  if (request.state === 'submitted') box.append(button('领取 Claim', undefined, () => act(request, 'claim')));
  if (request.state === 'in-review') {
    box.append(button('通过 Approve', undefined, () => act(request, 'approval')), button('退回 Release', 'plain', () => act(request, 'release-claim')), withReason(request, '未通过原因 Reason', '不通过 Reject', 'rejection'));
  }
  if (ENDED_BY_STAFF.includes(request.kind) && request.state === 'writing') box.append(withReason(request, '结束原因 Reason', '结束申请 End the request', 'staff-cancellation'));
  if (WITH_RECOVERY.includes(request.kind) && RECOVERABLE.includes(request.state)) box.append(button('同意恢复密钥 Agree to recovery (' + request.recoveryApprovals + '/2)', 'plain', () => act(request, 'recovery-approvals')));
  return box;
}

function requestItem({ request, applicant }) {
  const item = element('li');
  const subject = request.subject === null ? [] : Object.entries(SUBJECT).map(([field, name]) => [name, request.subject[field]]);
  item.append(
    element('h3', KINDS[request.kind] + ' · ' + request.number),
    facts([
      ['状态 State', STATES[request.state] || request.state], ['申请人 Applicant', (applicant.organisationName || '') + ' ' + applicant.displayName + ' ' + applicant.phone], ['项目 Project', request.projectName],
      ['UKey', request.tokenSerial], ['证书 Certificate', request.certificateSubject], ['有效期至 Valid to', request.certificateNotAfterUtc && beijing.format(new Date(request.certificateNotAfterUtc))],
      ...subject, ['变更类型 Change', request.changeKindId], ['原因 Reason', request.revocationReason], ['年限 Years', request.years], ['价格 Price', '¥' + (request.unitPriceFen * request.quantity / 100).toFixed(2)],
      ['提交时间 Submitted', request.submittedAtUtc && beijing.format(new Date(request.submittedAtUtc))], ['风险告知 Risk notice', request.riskNoticeAcceptedAtUtc && beijing.format(new Date(request.riskNoticeAcceptedAtUtc))],
    ]),
  );
  const files = element('p');
  for (const material of request.materials) files.append(button(material.fileName, 'plain', () => saveMaterial(request, material)));
  if (request.materials.length > 0) item.append(files);
  item.append(actions(request));
  return item;
}

async function load(after) {
  const answer = await call('GET', '/v1/review/requests?limit=20&state=' + encodeURIComponent(state) + (after === null ? '' : '&after=' + encodeURIComponent(after)));
  next = answer.next;
  byId('more').hidden = next === null;
  return answer.items.map(requestItem);
}

async function show() {
  const items = await load(null);
  byId('requests').replaceChildren(...items);
  byId('none').hidden = items.length > 0;
  byId('states').replaceChildren(...Object.entries(STATES).map(([name, text]) => {
    const choose = button(text, 'plain', async () => { state = name; await show(); });
    choose.setAttribute('aria-pressed', String(name === state));
    const item = element('li');
    item.append(choose);
    return item;
  }));
}

byId('login').addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(async () => {
    const password = byId('password');
    const begun = await call('POST', '/v1/sessions', { loginName: byId('login-name').value, password: password.value });
    password.value = '';
    if (begun.account.role !== 'staff') throw new Error('这个账号不是工作人员 This account is not staff.');
    session = begun;
    byId('who').textContent = begun.account.displayName + ' · ' + begun.account.loginName;
    byId('login-section').hidden = true;
    byId('desk').hidden = false;
    await show();
  });
});
byId('logout').addEventListener('click', () => attempt(async () => { await call('DELETE', '/v1/sessions/current'); leave(); }));
byId('more').addEventListener('click', () => attempt(async () => { byId('requests').append(...(await load(next))); }));
`;
