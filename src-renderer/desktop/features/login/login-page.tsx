/** Login with the portal account. The sandbox offers its demo account with one click. */
import { LockOutlined, UserOutlined } from '@ant-design/icons';
import { Alert, Button, Input } from 'antd';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useSearchParams } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import { ChoosePluggedKey } from '../../../components/choose-plugged-key.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { KeyLogin } from '../../../components/key-login.tsx';
import { Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { QUERY_KEYS, useCaStatus, useSession, useTokens } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';

/** @param inPlace before a page whose session has ended: it is shown again by whoever hid it */
export function LoginPage({ inPlace = false }: { inPlace?: boolean }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const next = safeNext(useSearchParams()[0].get('next'));
  const session = useSession();
  const demoLogin = useCaStatus().data?.info?.sandbox?.demoLogin ?? null;
  const [loginName, setLoginName] = useState('');
  const [password, setPassword] = useState('');
  const submitButton = useRef<HTMLButtonElement>(null);

  const logIn = useAction(async (name: string, secret: string) => {
    const account = await engine.call('session.logIn', { loginName: name, password: secret });
    client.setQueryData(QUERY_KEYS.session, account);
    await client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (loginName === '' || password === '') return;
    void logIn.run(loginName.trim(), password);
    setPassword('');
  }

  function fillDemo() {
    if (demoLogin === null) return;
    setLoginName(demoLogin.loginName);
    setPassword(demoLogin.password);
    submitButton.current?.focus();
  }

  // Led on from here only: whoever has gone to another page meanwhile stays there.
  if (session.data && !logIn.running) return inPlace ? null : <Navigate to={next} replace />;
  return (
    <div className="bk-page bk-narrow">
      <Section>
        <h1>{t('login.title')}</h1>
        <p className="bk-lead">{inPlace ? t('login.ended') : t('login.lead')}</p>
        <form className="bk-form" onSubmit={submit}>
          {logIn.error ? <ErrorPanel error={logIn.error} /> : null}
          <div className="bk-field">
            <label htmlFor="login-name">{t('login.name')}</label>
            <Input id="login-name" size="large" prefix={<UserOutlined />} autoFocus autoComplete="username" maxLength={64} value={loginName} onChange={(event) => setLoginName(event.target.value)} />
          </div>
          <div className="bk-field">
            <label htmlFor="login-password">{t('login.password')}</label>
            <Input.Password id="login-password" size="large" prefix={<LockOutlined />} autoComplete="current-password" maxLength={128} value={password} onChange={(event) => setPassword(event.target.value)} />
          </div>
          <Button ref={submitButton} type="primary" size="large" block htmlType="submit" loading={logIn.running} disabled={loginName === '' || password === ''}>{t('login.submit')}</Button>
        </form>
        {demoLogin ? (
          <Alert
            className="bk-demo-login"
            type="info"
            showIcon
            title={t('login.demo.title')}
            description={<>{t('login.demo.account', { loginName: demoLogin.loginName, password: demoLogin.password })}</>}
            action={<Button onClick={fillDemo}>{t('login.demo.fill')}</Button>}
          />
        ) : null}
        <p className="bk-secondary">{t('login.noAccount')}</p>
      </Section>
      <LogInByKey />
    </div>
  );
}

/** The key as identity card; offered when one with a signing certificate is plugged in. */
function LogInByKey() {
  const { t } = useTranslation();
  const [token, setToken] = useState<TokenSummary | null>(null);
  const able = (one: TokenSummary) => one.certificates.some((certificate) => certificate.purpose === 'sign');
  const plugged = (useTokens().data?.tokens ?? []).some(able);
  return (
    <Section title={t('keyLogin.open')}>
      {plugged ? <ChoosePluggedKey title={t('services.whichKey')} accepts={able} value={token} onChange={setToken} /> : <p className="bk-secondary">{t('keyLogin.plug')}</p>}
      {token ? <KeyLogin token={token} primary={false} /> : null}
    </Section>
  );
}

/** Only a page of ours: the address bar is no way to lead somewhere else. */
function safeNext(next: string | null): string {
  return next !== null && /^\/[a-z-]+(\/[A-Za-z0-9_-]+){0,2}(\?[A-Za-z0-9_=&%.+-]{1,400})?$/.test(next) ? next : '/pending';
}
