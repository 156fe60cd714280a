/** Settings: CA service, language, own driver libraries, trusted authorities, about. */
import { Descriptions, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { AppInfo, Language, Settings } from '#shared/contract/desktop/desktop-contract.ts';
import { CopyButton } from '../../../components/copy-button.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Loading } from '../../../components/loading.tsx';
import { Page, Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { currentLanguage, switchLanguage } from '../../../lib/language.ts';
import { QUERY_KEYS, useAppInfo, useSettings } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { CaAddress } from './ca-address.tsx';
import { ExtraDrivers } from './extra-drivers.tsx';
import { TrustedAuthorities } from './trusted-authorities.tsx';

export function SettingsPage() {
  const { t } = useTranslation();
  const settings = useSettings();
  const info = useAppInfo().data;
  return (
    <Page title={t('settings.title')}>
      {settings.error ? <ErrorPanel error={settings.error} onRetry={() => void settings.refetch()} /> : null}
      {settings.isPending ? <Loading /> : null}
      {settings.data ? (
        <>
          <CaAddress settings={settings.data} inUse={info?.caBaseUrl ?? null} />
          <LanguageChoice settings={settings.data} />
          <ExtraDrivers settings={settings.data} />
          <TrustedAuthorities />
        </>
      ) : null}
      {info ? <About info={info} /> : null}
    </Page>
  );
}

const LANGUAGES: readonly { readonly value: Language; readonly label: string }[] = [
  { value: 'zh-CN', label: '简体中文' },
  { value: 'en-US', label: 'English' },
];

function LanguageChoice({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const change = useAction(async (language: Language) => {
    await switchLanguage(language);
    client.setQueryData(QUERY_KEYS.settings, await engine.call('settings.update', { language }));
  });
  return (
    <Section title={t('settings.language')}>
      <Radio.Group aria-label={t('settings.language')} value={settings.language ?? currentLanguage()} options={[...LANGUAGES]} onChange={(event) => void change.run(event.target.value as Language)} />
      {change.error ? <ErrorPanel error={change.error} /> : null}
    </Section>
  );
}

function About({ info }: { info: AppInfo }) {
  const { t } = useTranslation();
  return (
    <Section title={t('settings.about.title')}>
      <Descriptions
        column={1}
        size="small"
        items={[
          { key: 'version', label: t('settings.about.version'), children: info.version },
          { key: 'shell', label: t('settings.about.shell'), children: t(`settings.about.shells.${info.shell}`) },
          { key: 'machine', label: t('settings.about.machine'), children: `${info.platform} · ${info.processor}` },
          { key: 'data', label: t('settings.about.dataFolder'), children: <span className="bk-inline"><code>{info.dataFolder}</code> <CopyButton text={info.dataFolder} label={t('common.copy')} /></span> },
          { key: 'licence', label: t('settings.about.licence'), children: 'Apache-2.0' },
        ]}
      />
    </Section>
  );
}
