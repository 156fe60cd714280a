/** What the local shell prints when it is ready: the address first, then what a newcomer needs to try everything. Two languages, because nobody has chosen one yet. */

export interface BannerFacts {
  readonly version: string;
  readonly demo: boolean;
  readonly link: string;
  readonly caBaseUrl: string | null;
  readonly sandboxUrl: string | null;
  readonly demoLogin: { readonly loginName: string; readonly password: string } | null;
  readonly demoKeys: { readonly labels: readonly string[]; readonly pin: string } | null;
  /** Those with national algorithms; null where the software UKey was not built. */
  readonly demoSm2Keys: { readonly labels: readonly string[]; readonly pin: string } | null;
  /** Why there are no demo keys; a code of the error table. */
  readonly demoKeyError: string | null;
  readonly dataFolder: string;
}

export function banner(facts: BannerFacts): string[] {
  const rows: (readonly [string, string] | null)[] = [
    ['打开 Open', `${facts.link}   (一次有效 works once; npx bidkey open)`],
    ['证书服务 CA service', facts.caBaseUrl ?? '未设置 not set'],
    facts.sandboxUrl === null ? null : ['短信收件箱 Sandbox', facts.sandboxUrl],
    facts.demoLogin === null ? null : ['演示登录 Demo login', `${facts.demoLogin.loginName} / ${facts.demoLogin.password}`],
    facts.demoKeys === null ? null : ['演示UKey Demo keys', `${facts.demoKeys.labels.join(', ')}   口令 PIN ${facts.demoKeys.pin}`],
    facts.demoSm2Keys === null ? null : ['国密UKey SM2 demo keys', `${facts.demoSm2Keys.labels.join(', ')}   口令 PIN ${facts.demoSm2Keys.pin}`],
    facts.demoKeyError === null ? null : ['演示UKey Demo keys', `不可用 not available: ${facts.demoKeyError} (apt-get install softhsm2)`],
    ['数据 Data folder', facts.dataFolder],
    ['结束 End', 'Ctrl+C'],
  ];
  const widest = Math.max(...rows.map((row) => (row === null ? 0 : columns(row[0]))));
  const title = `标钥 BidKey ${facts.version}${facts.demo ? ' · 演示 DEMO' : ''}`;
  return ['', title, ...rows.flatMap((row) => (row === null ? [] : [`  ${row[0]}${' '.repeat(widest - columns(row[0]))}  ${row[1]}`])), ''];
}

/** Columns on a terminal: Chinese characters take two. */
const columns = (text: string) => [...text].reduce((sum, sign) => sum + (sign > '\u2e7f' ? 2 : 1), 0);
