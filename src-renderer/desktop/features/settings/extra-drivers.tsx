/** Own driver libraries: a PKCS#11 library by path, for keys whose driver is installed somewhere else or that BidKey does not know. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import type { Settings } from '#shared/contract/desktop/desktop-contract.ts';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { Section } from '../../../components/page.tsx';
import { useEngine } from '../../../lib/engine.tsx';
import { currentLanguage } from '../../../lib/language.ts';
import { modelName } from '../../../lib/model-name.ts';
import { QUERY_KEYS, useUkeyModels } from '../../../lib/queries.ts';
import { useAction } from '../../../lib/use-action.ts';
import { newDriverId } from './new-driver-id.ts';

export function ExtraDrivers({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const client = useQueryClient();
  const models = (useUkeyModels().data ?? []).filter((model) => model.interfaces.includes('pkcs11'));
  const [modelId, setModelId] = useState<string | null>(null);
  const [libraryPath, setLibraryPath] = useState('');
  const path = libraryPath.trim();

  const save = useAction(async (extraDrivers: Settings['extraDrivers']) => {
    client.setQueryData(QUERY_KEYS.settings, await engine.call('settings.update', { extraDrivers }));
    setLibraryPath('');
    setModelId(null);
    client.setQueryData(QUERY_KEYS.tokens, await engine.call('tokens.rescan', undefined));
    void client.invalidateQueries({ queryKey: QUERY_KEYS.ukeyModels });
  });
  const nameOf = (id: string) => {
    const model = models.find((candidate) => candidate.id === id);
    return model ? modelName(model, currentLanguage()) : id;
  };

  return (
    <Section title={t('settings.drivers.title')}>
      <p className="bk-secondary">{t('settings.drivers.lead')}</p>
      <ul className="bk-drivers">
        {settings.extraDrivers.map((driver) => (
          <li key={driver.id}>
            <div><strong>{nameOf(driver.modelId)}</strong><code>{driver.libraryPath}</code></div>
            <Button icon={<DeleteOutlined />} loading={save.running} aria-label={t('settings.drivers.removeOf', { path: driver.libraryPath })} onClick={() => void save.run(settings.extraDrivers.filter((other) => other.id !== driver.id))}>{t('settings.drivers.remove')}</Button>
          </li>
        ))}
      </ul>
      <form
        className="bk-driver-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (modelId === null || path === '') return;
          void save.run([...settings.extraDrivers, { id: newDriverId(modelId, settings.extraDrivers.map((driver) => driver.id)), modelId, libraryPath: path }]);
        }}
      >
        <div className="bk-field">
          <label htmlFor="driver-model">{t('settings.drivers.model')}</label>
          <Select id="driver-model" value={modelId} placeholder={t('settings.drivers.modelHint')} options={models.map((model) => ({ value: model.id, label: modelName(model, currentLanguage()) }))} onChange={setModelId} />
        </div>
        <div className="bk-field bk-grow">
          <label htmlFor="driver-path">{t('settings.drivers.path')}</label>
          <Input id="driver-path" value={libraryPath} maxLength={1024} spellCheck={false} placeholder="/usr/lib/…/libxxx.so" onChange={(event) => setLibraryPath(event.target.value)} />
        </div>
        <Button htmlType="submit" icon={<PlusOutlined />} loading={save.running} disabled={modelId === null || path === ''}>{t('settings.drivers.add')}</Button>
      </form>
      {save.error ? <ErrorPanel error={save.error} /> : null}
    </Section>
  );
}
