/** Top bar: home, help, the plugged key with its serial, the account, the language. */
import { FileProtectOutlined, GlobalOutlined, HomeOutlined, LogoutOutlined, QuestionCircleOutlined, SettingOutlined, UsbOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { useQueryClient } from '@tanstack/react-query';
import logo from '../../../resources/icons/bidkey.svg';
import { useEngine } from '../../lib/engine.tsx';
import { groupSerial } from '../../lib/group-serial.ts';
import { currentLanguage, switchLanguage } from '../../lib/language.ts';
import { QUERY_KEYS, useSession, useTokens } from '../../lib/queries.ts';
import { useAction } from '../../lib/use-action.ts';

export function TopBar() {
  const { t } = useTranslation();
  return (
    <header className="bk-top">
      <NavLink to="/" className="bk-brand" aria-label={t('app.title')}>
        <img src={logo} alt="" />
        <span>{t('app.name')}</span>
      </NavLink>
      <nav aria-label={t('nav.label')}>
        <NavLink to="/" end><HomeOutlined /> {t('nav.home')}</NavLink>
        <NavLink to="/keys"><UsbOutlined /> {t('nav.keys')}</NavLink>
        <NavLink to="/bids"><FileProtectOutlined /> {t('nav.bids')}</NavLink>
        <NavLink to="/settings"><SettingOutlined /> {t('nav.settings')}</NavLink>
        <NavLink to="/help"><QuestionCircleOutlined /> {t('nav.help')}</NavLink>
      </nav>
      <div className="bk-top-right">
        <CurrentKey />
        <AccountMenu />
        <LanguageButton />
      </div>
    </header>
  );
}

function CurrentKey() {
  const { t } = useTranslation();
  const tokens = useTokens().data?.tokens ?? [];
  const only = tokens.length === 1 ? tokens[0] : undefined;
  return (
    <NavLink to="/keys" className="bk-current-key" aria-label={t('nav.currentKey')}>
      <UsbOutlined />
      <span>{only ? groupSerial(only.ref.serial) : tokens.length === 0 ? t('nav.noKey') : t('nav.severalKeys', { count: tokens.length })}</span>
    </NavLink>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const account = useSession().data;
  const logOut = useAction(async () => {
    await engine.call('session.logOut', undefined);
    client.setQueryData(QUERY_KEYS.session, null);
    client.removeQueries({ queryKey: QUERY_KEYS.pendingWritings });
    await navigate('/');
  });
  if (!account) {
    return pathname === '/login' ? null : <Button icon={<UserOutlined />} onClick={() => void navigate('/login')}>{t('nav.logIn')}</Button>;
  }
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'who', disabled: true, label: account.organisationName ?? account.displayName },
          { type: 'divider' },
          { key: 'out', icon: <LogoutOutlined />, label: t('nav.logOut'), onClick: () => void logOut.run() },
        ],
      }}
    >
      <Button icon={<UserOutlined />} loading={logOut.running} aria-haspopup="menu">{account.displayName}</Button>
    </Dropdown>
  );
}

/** Shows the language that it leads to, in that language. */
function LanguageButton() {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const next = currentLanguage() === 'zh-CN' ? 'en-US' : 'zh-CN';
  const change = useAction(async () => {
    await switchLanguage(next);
    client.setQueryData(QUERY_KEYS.settings, await engine.call('settings.update', { language: next }));
  });
  return <Button type="text" icon={<GlobalOutlined />} lang={next} onClick={() => void change.run()}>{t('nav.otherLanguage')}</Button>;
}
