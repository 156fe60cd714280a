/** 用UKey登录: a challenge of the CA signed by the key; the PIN is the password. A certificate that is bound to several accounts asks which one. */
import { KeyOutlined } from '@ant-design/icons';
import { Button, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { TokenSummary } from '#shared/contract/desktop/tokens.ts';
import type { MaskedAccount } from '#shared/contract/rest/bindings.ts';
import { useEngine } from '../lib/engine.tsx';
import { QUERY_KEYS } from '../lib/queries.ts';
import { useAction } from '../lib/use-action.ts';
import { ErrorPanel } from './error-panel.tsx';
import { PinDialog, type PinAnswer } from './pin-dialog.tsx';

interface KeyLoginProps {
  readonly token: TokenSummary;
  readonly primary?: boolean;
  readonly onSignedIn?: () => void;
}

export function KeyLogin({ token, primary = true, onSignedIn }: KeyLoginProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const [choice, setChoice] = useState<{ readonly accounts: readonly MaskedAccount[]; readonly certificateSha256Hex: string } | null>(null);
  const [accountId, setAccountId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);

  const look = useAction(async () => {
    const found = await engine.call('session.accountsForKey', { token: token.ref });
    setChoice(found);
    setAccountId(found.accounts[0]?.accountId ?? null);
    setAsking(found.accounts.length <= 1);
  });
  const logIn = useAction(async ({ pin, confirmedFewTries }: PinAnswer) => {
    const account = await engine.call('session.logInByKey', {
      token: token.ref, pin, confirmedFewTries,
      ...(choice === null ? {} : { certificateSha256Hex: choice.certificateSha256Hex }),
      ...(accountId === null ? {} : { accountId }),
    });
    client.setQueryData(QUERY_KEYS.session, account);
    await client.invalidateQueries({ queryKey: QUERY_KEYS.pendingWritings });
    setAsking(false);
    onSignedIn?.();
  });

  const several = choice !== null && choice.accounts.length > 1;
  return (
    <div className="bk-stack">
      {look.error ? <ErrorPanel error={look.error} /> : null}
      {several ? (
        <fieldset className="bk-stack">
          <legend>{t('keyLogin.choose')}</legend>
          <Radio.Group value={accountId} onChange={(event) => setAccountId(event.target.value as string)} options={choice.accounts.map((account) => ({ value: account.accountId, label: t('keyLogin.account', { name: account.displayName, login: account.loginName }) }))} />
        </fieldset>
      ) : null}
      <div className="bk-actions">
        <Button type={primary ? 'primary' : 'default'} icon={<KeyOutlined />} loading={look.running} onClick={() => (several ? setAsking(true) : void look.run())}>{several ? t('keyLogin.go') : t('keyLogin.open')}</Button>
      </div>
      <PinDialog open={asking} title={t('keyLogin.title')} okText={t('keyLogin.go')} token={token} running={logIn.running} error={logIn.error} onSubmit={(answer) => void logIn.run(answer)}
        onCancel={() => {
          setAsking(false);
          logIn.clear();
        }} />
    </div>
  );
}
