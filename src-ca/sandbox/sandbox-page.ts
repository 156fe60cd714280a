/** The sandbox page: 沙箱, clearly marked, no foreign assets. It speaks to the same REST endpoints as anybody and sets text, never markup. */
export const SANDBOX_HTML = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>沙箱 SANDBOX · BidKey CA</title>
<link rel="stylesheet" href="/docs/page.css">
<link rel="stylesheet" href="/sandbox/sandbox.css">
</head>
<body>
<header class="banner" role="note"><strong>沙箱 SANDBOX</strong> 这里的短信、邮件和付款都是模拟的，不会真正发送，也不会扣款。 Nothing here is sent or charged.</header>
<h1>BidKey 沙箱</h1>
<p id="failure" class="failure" role="alert" hidden></p>
<section aria-labelledby="payments-title">
<h2 id="payments-title">待付款 Payments</h2>
<p id="no-payments" class="muted">没有付款。下单并发起支付后会出现在这里。 No payments yet.</p>
<table id="payments" hidden><thead><tr><th>订单 Order</th><th>金额 Amount</th><th>时间 Time</th><th>状态 State</th><th>操作 Action</th></tr></thead><tbody></tbody></table>
</section>
<section aria-labelledby="messages-title">
<h2 id="messages-title">收件箱 Inbox</h2>
<p id="no-messages" class="muted">没有短信或邮件。订单支付后，操作授权码会发到这里。 No messages yet.</p>
<ol id="messages"></ol>
</section>
<script src="/sandbox/sandbox.js"></script>
</body>
</html>
`;

export const SANDBOX_STYLE = `
.banner { background: #fff1b8; border: 2px dashed #d48806; border-radius: 8px; padding: 0.75rem 1rem; }
#messages { list-style: none; margin: 0; padding: 0; }
#messages li { border-bottom: 1px solid #e1e4e8; padding: 0.75rem 0; }
#messages p { margin: 0.25rem 0 0; overflow-wrap: anywhere; }
tr.asked { background: #e6f4ff; }
`;

export const SANDBOX_SCRIPT = `'use strict';
const asked = new URLSearchParams(location.search).get('payment');
const beijing = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'medium' });
const STATES = { open: '待付款 open', paid: '已付款 paid', refused: '已放弃 refused', returned: '迟到，已退回 late, returned' };
const failure = document.getElementById('failure');

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

async function call(method, path, body) {
  const response = await fetch(path, { method, headers: body ? { 'content-type': 'application/json' } : {}, body: body ? JSON.stringify(body) : undefined });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.title + ' (' + answer.code + ')');
  return answer;
}

function refunded(payment) {
  return payment.refundedFen === 0 ? '' : ' · 已退款 refunded ¥' + (payment.refundedFen / 100).toFixed(2);
}

function paymentRow(payment) {
  const row = element('tr');
  if (payment.id === asked) row.className = 'asked';
  const actions = element('td');
  if (payment.state === 'open') {
    const pay = element('button', '付款 Pay');
    const refuse = element('button', '放弃 Refuse', 'refuse');
    pay.addEventListener('click', () => decide(payment.id, 'pay'));
    refuse.addEventListener('click', () => decide(payment.id, 'refuse'));
    actions.append(pay, refuse);
  }
  if (payment.state === 'refused') {
    const late = element('button', '款项仍到账 Money arrives all the same', 'refuse');
    late.addEventListener('click', () => decide(payment.id, 'pay'));
    actions.append(late);
  }
  row.append(element('td', payment.orderNumber), element('td', '¥' + (payment.amountFen / 100).toFixed(2)), element('td', beijing.format(new Date(payment.createdAtUtc))), element('td', STATES[payment.state] + refunded(payment)), actions);
  return row;
}

function messageItem(message) {
  const item = element('li');
  const channel = message.channel === 'sms' ? '短信 SMS' : '邮件 Mail';
  item.append(element('span', channel, 'tag'), element('span', message.to + ' · ' + beijing.format(new Date(message.sentAtUtc)), 'muted'));
  if (message.subject) item.append(element('p', message.subject));
  item.append(element('p', message.text));
  return item;
}

let shown = '';
async function refresh() {
  try {
    const [payments, messages] = await Promise.all([call('GET', '/v1/sandbox/payments'), call('GET', '/v1/sandbox/messages?limit=50')]);
    failure.hidden = true;
    const now = JSON.stringify([payments, messages.items]);
    if (now === shown) return;
    shown = now;
    document.getElementById('payments').hidden = payments.items.length === 0;
    document.getElementById('no-payments').hidden = payments.items.length > 0;
    document.querySelector('#payments tbody').replaceChildren(...payments.items.map(paymentRow));
    document.getElementById('no-messages').hidden = messages.items.length > 0;
    document.getElementById('messages').replaceChildren(...messages.items.map(messageItem));
  } catch (error) {
    failure.textContent = '服务没有应答 The service does not answer: ' + error.message;
    failure.hidden = false;
  }
}

async function decide(paymentId, decision) {
  try {
    await call('POST', '/v1/sandbox/payments/' + encodeURIComponent(paymentId) + '/decision', { decision });
    await refresh();
  } catch (error) {
    failure.textContent = error.message;
    failure.hidden = false;
  }
}

refresh();
setInterval(refresh, 2000);
`;
